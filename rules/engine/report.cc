#include "rules/engine/report.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "gateway/base/bytes.h"
#include "rules/engine/report_template.h"
#include "rules/engine/report_text.h"

namespace postern {
namespace {

constexpr std::string_view status_template =
    "_YESNO_, score=_SCORE_ required=_REQD_ tests=_TESTS_ autolearn=_AUTOLEARN_ version=_VERSION_";

bool is_plain(char c) { return c == '\t' || (c >= ' ' && c <= '~'); }

std::string encode_base64(std::string_view octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');  // and the NUL that it writes
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// RFC 2047: one encoded word, in the shorter of both encodings.
std::string encoded_word(std::string_view text) {
  const auto must_be_escaped = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '=' || c == '?' || c == '_' || octet < 0x20 || octet >= 0x7f;
  };
  const auto escaped = static_cast<std::size_t>(std::ranges::count_if(text, must_be_escaped));
  if (text.size() + 2 * escaped > 4 * ((text.size() + 2) / 3))
    return "=?UTF-8?B?" + encode_base64(text) + "?=";
  std::string out = "=?UTF-8?Q?";
  for (const char c : text) {
    if (c == ' ') {
      out += '_';
    } else if (must_be_escaped(c)) {
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out += "?=";
}

/// Of a line the words that are no ASCII, and all between them, as one encoded word.
std::string encoded_line(std::string_view line) {
  const auto odd = std::ranges::find_if_not(line, is_plain);
  if (odd == line.end()) return std::string(line);
  auto begin = static_cast<std::size_t>(odd - line.begin());
  while (begin > 0 && !is_blank(line[begin - 1])) --begin;
  std::size_t end = line.size();
  while (end > begin && is_plain(line[end - 1])) --end;
  while (end < line.size() && !is_blank(line[end])) ++end;
  return std::string(line.substr(0, begin)) + encoded_word(line.substr(begin, end - begin)) +
         std::string(line.substr(end));
}

std::string encoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    out += encoded_line(line);
    text.remove_prefix(line.size());
    if (!text.empty()) {
      out += '\n';
      text.remove_prefix(1);
    }
  }
  return out;
}

/// All lines in one, blanks around line ends gone and `between` there.
std::string joined_lines(std::string_view text, std::string_view between) {
  std::string out;
  for (bool first = true; !text.empty(); first = false) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto piece = trim(line);
    if (piece.empty()) continue;
    if (!first) out += between;
    out += piece;
  }
  return out;
}

std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// `tag` and a blank in front of what stands there; not twice.
std::string with_tag(std::string_view tag, std::string_view text) {
  if (text.starts_with(tag) && text.substr(tag.size()).starts_with(' ')) return std::string(text);
  if (text.empty()) return std::string(tag);
  return std::string(tag) + ' ' + std::string(text);
}

/// "name: value" of a result, "" where there is none.
const std::string* find_rewrite(const ScanResult& result, std::string_view name) {
  const auto& rewrites = report_settings(result).rewrites;
  const auto found = rewrites.find(name);
  return found == rewrites.end() ? nullptr : &found->second;
}

}  // namespace

std::string spam_flag(const ScanResult& result) { return fill_template("_YESNOCAPS_", result); }

std::string spam_level(const ScanResult& result) { return fill_template("_STARS(*)_", result); }

std::string spam_status(const ScanResult& result) { return fill_template(status_template, result); }

const ReportSettings& report_settings(const ScanResult& result) {
  static const ReportSettings usual;
  if (result.report) return *result.report;
  return result.rules ? result.rules->settings().report : usual;
}

std::vector<AddedHeader> added_headers(const ScanResult& result) {
  const auto& asked = report_settings(result);
  if (asked.headers_given) return result.is_spam() ? asked.spam : asked.ham;
  std::vector<AddedHeader> usual{{"Level", "_STARS(*)_"}, {"Status", std::string(status_template)}};
  if (result.is_spam()) usual.insert(usual.begin(), {"Flag", "_YESNOCAPS_"});
  return usual;
}

std::vector<SpamMark> spam_marks(const ScanResult& result, ScannedMessage* message) {
  std::vector<SpamMark> marks;
  const auto& asked = report_settings(result);
  const auto add = [&](const std::string& name, std::string_view text) {
    auto value = fill_template(text, result, message);
    std::ranges::replace(value, '\t', ' ');
    value = encoded(joined_lines(value, asked.fold_headers ? "\n\t" : " "));
    if (value.find_first_not_of("\n\t ") == value.npos) return;
    for (auto at = value.find('\n'); at != value.npos; at = value.find('\n', at + 2))
      value.insert(at, 1, '\r');
    marks.push_back({"X-Spam-" + name, std::move(value)});
  };
  for (const auto& header : added_headers(result)) add(header.name, header.text);
  return marks;
}

std::string folded_value(const AddedHeader& header, const ScanResult& result,
                         ScannedMessage* message) {
  auto value = fill_template(header.text, result, message);
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  if (!report_settings(result).fold_headers) return encoded(in_one_line(std::move(value)));
  if (value.find('\n') != value.npos) return encoded(joined_lines(value, "\n\t"));
  const auto name = "X-Spam-" + header.name + "!!";  // as wide as ": "
  const auto lines = wrapped(name + value, {.prefix = "\t",
                                            .first = "",
                                            .width = 79,
                                            .overflow = false,
                                            .behind_blanks_and_commas = true});
  return encoded(std::string_view(lines).substr(name.size()));
}

std::string subject_prefix(const ScanResult& result) {
  std::string out;
  const auto& settings = report_settings(result);
  if (settings.subject_prefixes.empty() || settings.subject_tag().empty()) return out;
  for (const auto& hit : result.hits) {
    const auto found = settings.subject_prefixes.find(hit.name);
    if (found != settings.subject_prefixes.end() && out.find(found->second) == out.npos)
      (out += found->second) += ' ';
  }
  return out;
}

std::vector<Rewrite> rewrites(const SplitMessage& split, const ScanResult& result,
                              ScannedMessage* message) {
  std::vector<Rewrite> out;
  const bool spam = result.is_spam();
  if (const auto* const tag = find_rewrite(result, "Subject")) {
    const HeaderField* const subject = find_field(split, "Subject");
    const auto before = subject ? subject->unfolded() : std::string();
    auto prefix = in_one_line(fill_template(subject_prefix(result), result, message));
    while (prefix.ends_with(' ')) prefix.pop_back();
    auto value = prefix.empty() ? before : with_tag(prefix, before);
    if (spam) value = with_tag(in_one_line(fill_template(*tag, result, message)), value);
    const auto previous = subject ? before : "(nonexistent)";
    if (value != before) out.push_back({"Subject", value, spam ? previous : ""});
  }
  for (const char* const name : {"From", "To"}) {
    const auto* const tag = spam ? find_rewrite(result, name) : nullptr;
    const HeaderField* const field = tag ? find_field(split, name) : nullptr;
    if (field == nullptr) continue;
    const auto comment = '(' + in_one_line(fill_template(*tag, result, message)) + ')';
    const auto before = field->unfolded();
    out.push_back({name, with_tag(comment, before), before});
  }
  return out;
}

}  // namespace postern
