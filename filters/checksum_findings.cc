#include "filters/checksum_findings.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::uint32_t many = 999999;
constexpr std::uint32_t most_reports = 1'000'000'000;

std::unexpected<Error> garbled(std::string what) {
  return fail(std::errc::bad_message, std::move(what));
}

/// The value of `name=` in text made of words; a word may end in '%' or ';'.
std::optional<std::uint32_t> value_of(std::string_view text, std::string_view name) {
  for (auto word : words(text)) {
    if (!word.starts_with(name) || !word.substr(name.size()).starts_with('=')) continue;
    word.remove_prefix(name.size() + 1);
    while (!word.empty() && (word.back() == '%' || word.back() == ';')) word.remove_suffix(1);
    if (equals_ignoring_case(word, "many")) return many;
    if (starts_with_ignoring_case(word, "ok")) return 0;
    if (const auto number = parse_number(word, most_reports))
      return static_cast<std::uint32_t>(*number);
  }
  return {};
}

DccReport report_in(std::string_view text, std::string_view body, std::string_view fuz1,
                    std::string_view fuz2) {
  return {value_of(text, body).value_or(0), value_of(text, fuz1).value_or(0),
          value_of(text, fuz2).value_or(0), value_of(text, "rep")};
}

}  // namespace

Result<DccReport> read_dcc_answer(std::string_view answer) {
  const auto lines = split(answer, '\n');
  constexpr std::size_t status_lines = 2;
  if (lines.size() <= status_lines) return garbled("dccifd says too little");
  std::string field(lines[status_lines]);
  if (!field.starts_with("X-DCC")) return garbled("dccifd gives no X-DCC field");
  for (std::size_t i = status_lines + 1; i < lines.size() && lines[i].starts_with('\t'); ++i)
    field += lines[i];
  const auto colon = field.find(':');
  if (colon == std::string::npos) return garbled("dccifd gives no X-DCC field");
  return report_in(std::string_view(field).substr(colon + 1), "Body", "Fuz1", "Fuz2");
}

Result<RazorReport> read_razor_answer(std::string_view answer) {
  const auto said = words(answer);
  if (said.empty() || (said.front() != "spam" && said.front() != "ham"))
    return garbled("neither spam nor ham");
  RazorReport report{said.front() == "spam", value_of(answer, "cf")};
  if (report.confidence) report.confidence = std::min<std::uint32_t>(*report.confidence, 100);
  return report;
}

Finding finding_of(const DccReport& report) {
  auto text = fmt::format("body={} fuz1={} fuz2={}", report.body, report.fuz1, report.fuz2);
  if (report.reputation) text += fmt::format(" rep={}", *report.reputation);
  return {"DCC", 0, std::move(text)};
}

Finding finding_of(const RazorReport& report) {
  std::string text = report.spam ? "spam" : "ham";
  if (report.confidence) text += fmt::format(" cf={}", *report.confidence);
  return {"Razor", 0, std::move(text)};
}

ChecksumReports checksum_reports(const std::vector<Found>& findings) {
  ChecksumReports out;
  for (const Found& found : findings) {
    if (found.filter == "dcc") out.dcc = report_in(found.finding.text, "body", "fuz1", "fuz2");
    if (found.filter == "razor") {
      if (auto report = read_razor_answer(found.finding.text)) out.razor = *report;
    }
  }
  return out;
}

}  // namespace postern
