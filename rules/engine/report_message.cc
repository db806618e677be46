#include "rules/engine/report_message.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/engine/report_template.h"

namespace postern {
namespace {

constexpr std::size_t longest_kept = 8192;

std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// The header of the report, made field by field.
class Heading {
 public:
  Heading(const ScanResult& result, const SplitMessage& split, ScannedMessage* message)
      : result_(result), settings_(report_settings(result)), split_(split), message_(message) {}

  std::string text() {
    rewritten_address("From");
    rewritten_address("To");
    kept("Cc", last("Cc"));
    subject();
    kept("Date", last("Date"));
    kept("Message-Id", last("Message-Id"));
    for (const auto& header : added_headers(result_))
      kept("X-Spam-" + header.name, folded_value(header, result_, message_) + "\n");
    copied();
    return std::move(out_);
  }

 private:
  using Value = std::optional<std::string>;

  void kept(std::string_view name, const Value& value) {
    if (value && value->size() <= longest_kept) out_ += fmt::format("{}: {}", name, *value);
  }

  /// As it stands in the message, with its line ends.
  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& field : split_.fields) {
      if (!equals_ignoring_case(field.name, name)) continue;
      auto value = field.whole.substr(std::min(field.whole.size(), field.whole.find(':')));
      value.remove_prefix(value.empty() ? 0 : 1);
      value.remove_prefix(std::min(value.size(), value.find_first_not_of(" \t")));
      out.emplace_back(value);
      if (!out.back().ends_with('\n')) out.back() += '\n';
    }
    return out;
  }
  Value last(std::string_view name) const {
    auto values = all(name);
    if (values.empty()) return std::nullopt;
    return std::move(values.back());
  }

  const std::string* tag_of(std::string_view name) const {
    const auto found = settings_.rewrites.find(name);
    return found == settings_.rewrites.end() ? nullptr : &found->second;
  }
  std::string filled(std::string_view text) const {
    return in_one_line(fill_template(text, result_, message_));
  }

  /// The tag as a comment at the end, behind a tab.
  void rewritten_address(std::string_view name) {
    auto value = last(name);
    if (const auto* const tag = tag_of(name)) {
      auto text = value.value_or("\n");
      while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
      const auto comment = "\t(" + filled(*tag) + ')';
      if (!text.ends_with(comment)) text += comment;
      value = text + '\n';
    }
    kept(name, value);
  }

  void subject() {
    auto value = last("Subject");
    if (const auto* const tag = tag_of("Subject")) {
      const auto text = filled(*tag) + ' ';
      value = filled(subject_prefix(result_)) + value.value_or("\n");
      if (!value->starts_with(text)) value->insert(0, text);
    }
    kept("Subject", value);
  }

  void copied() {
    std::set<std::string> done{"from", "to", "cc", "subject", "date", "message-id"};
    for (const auto& name : settings_.copied_headers) {
      if (!done.insert(to_lower(name)).second) continue;
      std::string fields;
      for (const auto& value : all(name)) {
        if (value.size() <= longest_kept) fields += fmt::format("{}: {}", name, value);
      }
      out_.insert(to_lower(name) == "received" ? 0 : out_.size(), fields);
    }
  }

  const ScanResult& result_;
  const ReportSettings& settings_;
  const SplitMessage& split_;
  ScannedMessage* message_;
  std::string out_;
};

/// One that the original does not hold. Nobody can write a message that holds it: it comes from all
/// of the message.
std::string boundary_for(std::string_view original) {
  std::uint64_t sum = 14'695'981'039'346'656'037U;  // FNV-1a
  const auto add = [&sum](char c) {
    sum = (sum ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  };
  std::ranges::for_each(original, add);
  for (;;) {
    auto out = fmt::format("----------=_{:08X}.{:08X}", sum >> 32, sum & 0xffffffffU);
    if (original.find(out) == std::string_view::npos) return out;
    std::ranges::for_each(out, add);
  }
}

std::string report_text(const ScanResult& result, ScannedMessage* message) {
  const auto& written = report_settings(result).report;
  auto out =
      fill_template(written.empty() ? "(no report template found)" : written, result, message);
  while (out.ends_with('\n')) out.pop_back();
  return out += "\n\n";
}

bool is_plain_text(const SplitMessage& split) {
  const HeaderField* const type = find_field(split, "Content-Type");
  return type == nullptr || type->unfolded().empty() ||
         to_lower(type->unfolded()).find("text/plain") != std::string::npos;
}

void use_crlf(std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  text = std::move(out);
}

}  // namespace

Enclosure report_message(const ScanResult& result, std::string_view original,
                         ScannedMessage* message) {
  const auto& settings = report_settings(result);
  const SplitMessage split = split_message(original);
  const auto boundary = boundary_for(original);
  auto report = report_text(result, message);
  const bool plain = is_plain_text(split);
  if (!plain) report += fill_template(settings.unsafe_report, result, message);

  Enclosure out;
  out.before = Heading(result, split, message).text();
  out.before += fmt::format(
      "MIME-Version: 1.0\n"
      "Content-Type: multipart/mixed; boundary=\"{0}\"\n"
      "\n"
      "This is a multi-part message in MIME format.\n"
      "\n"
      "--{0}\n"
      "Content-Type: text/plain; charset={1}\n"
      "Content-Disposition: inline\n"
      "Content-Transfer-Encoding: 8bit\n"
      "\n"
      "{2}\n"
      "\n"
      "--{0}\n"
      "Content-Type: {3}; x-spam-type=original\n"
      "Content-Description: original message before SpamAssassin\n"
      "Content-Disposition: {4}\n"
      "Content-Transfer-Encoding: 8bit\n"
      "\n",
      boundary, settings.charset, report, settings.safe > 1 ? "text/plain" : "message/rfc822",
      plain ? "inline" : "attachment");
  out.behind = fmt::format("\n--{}--\n\n", boundary);
  const auto line = original.find('\n');
  if (line != std::string_view::npos && line > 0 && original[line - 1] == '\r') {
    use_crlf(out.before);
    use_crlf(out.behind);
  }
  return out;
}

}  // namespace postern
