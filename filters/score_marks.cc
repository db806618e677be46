#include "filters/score_marks.h"

#include <algorithm>
#include <limits>

#include "gateway/base/bytes.h"
#include "gateway/mail/header.h"
#include "rules/engine/report_message.h"

namespace postern {
namespace {

using Kind = Change::Kind;

// Longer reports are not made: a worker's answer has a limit, and half of one is no message.
constexpr std::size_t longest_report = 60'000;

/// Whether there are fields that pretend to be ours, be it behind thousands of others.
bool has_forged_marks(std::string_view octets) {
  const auto message = split_message(octets, std::numeric_limits<std::size_t>::max());
  return std::ranges::any_of(message.fields, [](const HeaderField& field) {
    return starts_with_ignoring_case(field.name, "X-Spam-");
  });
}

/// The settings that a result is reported by: the rules' or the recipient's, and of the
/// configuration what outweighs the rules.
std::shared_ptr<ReportSettings> settings_for(const ScoreMarks& marks, const ScanResult& result,
                                             const Preferences* preferences) {
  auto out = std::make_shared<ReportSettings>(report_settings(result));
  const bool own = preferences != nullptr && preferences->report;
  if (!marks.subject_tag.empty() &&
      (!own || out->subject_tag() == result.rules->settings().report.subject_tag()))
    out->rewrites.insert_or_assign("Subject", marks.subject_tag);
  if (preferences != nullptr && preferences->report_safe) {
    out->safe = *preferences->report_safe;
  } else if (marks.report_safe != "rules") {
    out->safe = static_cast<unsigned>(marks.report_safe.front() - '0');
  }
  // Loops are found by the Received fields: they stay in sight.
  out->copied_headers.emplace_back("Received");
  return out;
}

}  // namespace

std::vector<Change> Marking::changes(const ScanResult& result,
                                     const Preferences* preferences) const {
  ScanResult shown = result;
  const auto settings = settings_for(marks, result, preferences);
  shown.report = settings;
  std::vector<Change> out;
  if (shown.is_spam() && settings->safe > 0) {
    auto report = report_message(shown, octets, &message);
    if (report.before.size() <= longest_report) {
      out.push_back({Kind::enclose, std::move(report.behind), std::move(report.before)});
      return out;
    }
  }
  const SplitMessage split = split_message(octets);
  if (marks.add_headers) {
    if (has_forged_marks(octets)) out.push_back({Kind::remove_field, "X-Spam-*", ""});
    for (auto& mark : spam_marks(shown, &message))
      out.push_back({Kind::add_field, std::move(mark.name), std::move(mark.value)});
  }
  for (auto& field : rewrites(split, shown, &message)) {
    if (marks.add_headers && !field.previous.empty())
      out.push_back({Kind::add_field, "X-Spam-Prev-" + field.name, std::move(field.previous)});
    const auto kind = find_field(split, field.name) ? Kind::replace_field : Kind::add_field;
    out.push_back({kind, field.name, std::move(field.value)});
  }
  return out;
}

}  // namespace postern
