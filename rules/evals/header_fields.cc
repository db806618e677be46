// HeaderEval.pm of SpamAssassin 4.0.1: what one or two fields look like.
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "rules/evals/binding.h"
#include "rules/evals/locales.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

bool is_control(unsigned char c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r'; }

/// Octets that a field may not hold without encoding, against a share and a number of them.
struct IllegalOctets {
  std::string field;
  double share;
  double count;
  bool is_subject;

  double operator()(ScannedMessage& message) const {
    const auto text = message.headers().get(field);
    if (trim(text).empty()) return 0;
    std::size_t illegal = 0, controls = 0, eight_bit = 0, forgivable = 0;
    for (const char character : text) {
      const auto c = static_cast<unsigned char>(character);
      controls += is_control(c);
      eight_bit += c >= 0x80;
      illegal += is_control(c) || c >= 0x7f;
      forgivable += c == 0xa2 || c == 0xa3 || c == 0xae;  // cent, pound, registered in ISO 8859-1
    }
    if (illegal == 0) return share <= 0 && count <= 0;
    if (eight_bit > 0 && controls == 0 && valid_utf8(text)) return 0;
    if (is_subject && forgivable == 1) --illegal;
    const auto number = static_cast<double>(illegal);
    return number / static_cast<double>(text.size()) >= share && number >= count;
  }
};

BindResult check_illegal_chars(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 3) {
    return std::unexpected("a header field, a share from 0 to 1 and a number are wanted here");
  }
  auto field = arguments[0].ends_with(":raw") ? arguments[0] : arguments[0] + ":raw";
  const bool is_subject = equals_ignoring_case(field, "subject:raw");
  return IllegalOctets{std::move(field), perl_number(arguments[1]), perl_number(arguments[2]),
                       is_subject};
}

/// What mail programs put in front of the subject of an answer.
std::string_view without_answer_marks(std::string_view subject) {
  static constexpr std::array<std::string_view, 10> answer_marks{
      "re:", "fwd:", "fw:", "aw:", "antwort:", "wg:", "sv:", "vb:", "vs:", "vl:"};
  while (true) {
    const auto mark = std::ranges::find_if(
        answer_marks, [&](std::string_view m) { return starts_with_ignoring_case(subject, m); });
    if (mark == answer_marks.end()) return subject;
    subject.remove_prefix(mark->size());
    while (!subject.empty() && is_space(subject.front())) subject.remove_prefix(1);
  }
}

/// An encoded word of a charset whose letters show as capitals when it is read as Latin.
bool names_capital_charset(std::string_view raw) {
  const auto in_name = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; };
  for (auto at = raw.find("=?"); at != std::string_view::npos; at = raw.find("=?", at + 2)) {
    const auto behind = raw.substr(at + 2);
    const auto end = std::ranges::find_if_not(behind, in_name);
    const auto length = static_cast<std::size_t>(end - behind.begin());
    if (end != behind.end() && *end == '?' && reads_as_capitals(behind.substr(0, length)))
      return true;
  }
  return false;
}

double subject_is_all_caps(ScannedMessage& message) {
  constexpr std::size_t shortest = 10;
  auto& headers = message.headers();
  const auto subject = without_answer_marks(trim(headers.get("Subject")));
  if (subject.size() < shortest || std::ranges::none_of(subject, is_space)) return 0;
  if (std::ranges::any_of(subject, [](char c) { return c >= 'a' && c <= 'z'; })) return 0;
  if (std::ranges::none_of(subject, is_alpha)) return 0;
  return !names_capital_charset(headers.get("Subject:raw"));
}

/// Charsets of encoded words in one field's value: what stands between "=?" and "?X?".
template <class Visit>
bool any_encoded_charset(std::string_view value, Visit visit) {
  const auto line_end = [&](std::size_t from, std::size_t to) {
    return value.substr(from, to - from).find('\n') != std::string_view::npos;
  };
  std::size_t at = value.find("=?");
  while (at != std::string_view::npos) {
    std::size_t mark = value.find('?', at + 3);
    while (mark != std::string_view::npos && mark + 2 < value.size() &&
           (value[mark + 2] != '?' || value[mark + 1] == '\n'))
      mark = value.find('?', mark + 1);
    if (mark == std::string_view::npos || mark + 2 >= value.size()) return false;
    const auto end = value.find("?=", mark + 3);
    if (end == std::string_view::npos) return false;
    if (!line_end(at, end)) {
      if (visit(value.substr(at + 2, mark - at - 2))) return true;
      at = value.find("=?", end + 2);
    } else {
      at = value.find("=?", at + 1);
    }
  }
  return false;
}

BindResult check_for_faraway_charset_in_headers(const EvalArguments&,
                                                const RuleSettings& settings) {
  return [locales = Locales(settings.lists.ok_locales)](ScannedMessage& message) -> double {
    if (locales.allow_all()) return 0;
    for (const auto* const field : {"From:raw", "Subject:raw"}) {
      for (const auto& value : message.headers().list(field)) {
        if (any_encoded_charset(value, [&](auto charset) { return !locales.allow(charset); }))
          return 1;
      }
    }
    return 0;
  };
}

/// So many different values of a field.
BindResult check_header_count_range(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 3) {
    return std::unexpected("a header field and the least and the largest number are wanted here");
  }
  return [field = arguments[0], least = perl_number(arguments[1]),
          most = perl_number(arguments[2])](ScannedMessage& message) -> double {
    const auto& values = message.headers().list(field);
    const auto count = static_cast<double>(std::set(values.begin(), values.end()).size());
    return count >= least && count <= most;
  };
}

/// Fields that may well hold "%AB".
bool may_hold_templates(std::string_view line) {
  static constexpr std::array<std::string_view, 13> names{"x-vms-to",
                                                          "x-uidl",
                                                          "x-face",
                                                          "to",
                                                          "cc",
                                                          "from",
                                                          "subject",
                                                          "references",
                                                          "in-reply-to",
                                                          "message-id",
                                                          "x-message-id",
                                                          "resent-message-id",
                                                          "x-original-message-id"};
  const auto name = line.substr(0, line.find(':'));
  return name.size() < line.size() &&
         std::ranges::any_of(
             names, [name](std::string_view known) { return equals_ignoring_case(name, known); });
}

/// "%AB", "%A_" or "%A-": a mass mailer's variable that was never replaced.
double check_unresolved_template(ScannedMessage& message) {
  const auto all = message.headers().get("ALL");
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (auto at = all.find('%'); at != std::string_view::npos; at = all.find('%', at + 1)) {
    if (at + 2 >= all.size()) return 0;
    const char second = all[at + 2];
    if (!capital(all[at + 1]) || !(capital(second) || second == '_' || second == '-')) continue;
    const auto before = all.rfind('\n', at);
    const auto line = all.substr(before == std::string_view::npos ? 0 : before + 1);
    if (!may_hold_templates(line.substr(0, line.find('\n')))) return 1;
  }
  return 0;
}

/// "<ABCDEFGHIJKLMNOPQRSTUVWXYZAB.address>": the address, "" for other numbers.
std::string_view address_in_id(std::string_view ids) {
  constexpr std::size_t capitals = 28;
  for (auto at = ids.find('<'); at != std::string_view::npos; at = ids.find('<', at + 1)) {
    const auto letters = ids.substr(at + 1, capitals);
    if (letters.size() < capitals || at + 1 + capitals >= ids.size()) return {};
    if (!std::ranges::all_of(letters, [](char c) { return c >= 'A' && c <= 'Z'; })) continue;
    const auto rest = ids.substr(at + 1 + capitals);
    const auto end = rest.find('>');
    if (rest.front() == '.' && end != std::string_view::npos && end > 1)
      return rest.substr(1, end - 1);
  }
  return {};
}

/// The message's number is capitals and the author's own address, and he has a quoted name.
double check_ratware_name_id(ScannedMessage& message) {
  auto& headers = message.headers();
  const auto address = address_in_id(headers.get("MESSAGEID"));
  if (address.empty()) return 0;
  const auto bracketed = '<' + std::string(address) + '>';
  const auto from = headers.get("From");
  for (auto at = from.find(bracketed); at != std::string_view::npos;
       at = from.find(bracketed, at + 1)) {
    auto name = from.substr(0, at);
    while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
    if (!name.ends_with('"')) continue;
    name.remove_suffix(1);
    const auto open = name.rfind('"');
    if (open != std::string_view::npos && open + 1 < name.size()) return 1;
  }
  return 0;
}

/// Never a hit since SpamAssassin's bug 8051; kept for rules that still call it.
double check_for_unique_subject_id(ScannedMessage&) { return 0; }

constexpr std::array functions{
    EvalFunction{"check_for_faraway_charset_in_headers", check_for_faraway_charset_in_headers},
    EvalFunction{"check_for_unique_subject_id", bind_plain<check_for_unique_subject_id>},
    EvalFunction{"check_header_count_range", check_header_count_range},
    EvalFunction{"check_illegal_chars", check_illegal_chars},
    EvalFunction{"check_ratware_name_id", bind_plain<check_ratware_name_id>},
    EvalFunction{"check_unresolved_template", bind_plain<check_unresolved_template>},
    EvalFunction{"subject_is_all_caps", bind_plain<subject_is_all_caps>},
};

}  // namespace

EvalTable header_field_evals() { return functions; }

}  // namespace postern
