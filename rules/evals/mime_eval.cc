#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/mime_facts.h"
#include "rules/evals/tables.h"
#include "rules/parts/content_type.h"
#include "rules/parts/field_text.h"
#include "rules/text/lines.h"

namespace postern {
namespace {

const MimeFacts& facts_of(ScannedMessage& message) { return message.memo<MimeFacts>(); }

/// All Content-Type fields of the message.
std::optional<std::string> content_type(ScannedMessage& message) {
  return message.headers().get(HeaderSource{.name = "content-type"});
}

bool is_html_message(ScannedMessage& message) {
  return starts_with_ignoring_case(content_type(message).value_or(""), "text/html");
}

/// Each name that check_for_mime asks for, and whether it is so. Others are never.
using Question = bool (*)(const MimeFacts& facts);
struct NamedQuestion {
  std::string_view name;
  Question ask;
};
constexpr std::array questions{
    NamedQuestion{"mime_ascii_text_illegal", [](const MimeFacts& f) { return f.illegal_ascii; }},
    NamedQuestion{"mime_attachment", [](const MimeFacts& f) { return f.attachments > 0; }},
    NamedQuestion{"mime_bad_iso_charset", [](const MimeFacts& f) { return f.bad_iso_charset; }},
    NamedQuestion{"mime_base64_count", [](const MimeFacts& f) { return f.base64_parts > 0; }},
    NamedQuestion{"mime_base64_encoded_text",
                  [](const MimeFacts& f) { return f.base64_encoded_text; }},
    NamedQuestion{"mime_body_html_count", [](const MimeFacts& f) { return f.html_parts > 0; }},
    NamedQuestion{"mime_body_text_count",
                  [](const MimeFacts& f) { return f.other_text_parts > 0; }},
    NamedQuestion{"mime_faraway_charset", [](const MimeFacts& f) { return f.faraway_charset; }},
    NamedQuestion{"mime_html_charsets", [](const MimeFacts& f) { return !f.charsets.empty(); }},
    NamedQuestion{"mime_multipart_alternative",
                  [](const MimeFacts& f) { return f.multipart_alternative; }},
    NamedQuestion{"mime_multipart_ratio",
                  [](const MimeFacts& f) { return f.multipart_ratio != 0; }},
    NamedQuestion{"mime_qp_bytes",
                  [](const MimeFacts& f) { return f.quoted_printable_octets != 0; }},
    NamedQuestion{"mime_qp_count",
                  [](const MimeFacts& f) { return f.quoted_printable_count != 0; }},
    NamedQuestion{"mime_qp_long_line",
                  [](const MimeFacts& f) { return f.quoted_printable_long_line; }},
    NamedQuestion{"mime_qp_ratio",
                  [](const MimeFacts& f) { return f.quoted_printable_ratio != 0; }},
    NamedQuestion{"mime_text_unicode_ratio",
                  [](const MimeFacts& f) { return f.unicode_ratio != 0; }},
};

BindResult check_for_mime(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("the name of a MIME property is wanted here");
  if (arguments[0] == "mime_missing_boundary") {
    return [](ScannedMessage& message) -> double { return message.parts().flags.missing_boundary; };
  }
  const auto found = std::ranges::find(questions, arguments[0], &NamedQuestion::name);
  if (found == questions.end()) return [](ScannedMessage&) { return 0.0; };
  return [ask = found->ask](ScannedMessage& message) -> double { return ask(facts_of(message)); };
}

double check_for_mime_html(ScannedMessage& message) {
  return is_html_message(message) || facts_of(message).html_parts > 0;
}

double check_for_mime_html_only(ScannedMessage& message) {
  if (is_html_message(message)) return 1;
  const auto& facts = facts_of(message);
  return facts.html_parts > 0 && facts.other_text_parts == 0;
}

BindResult check_mime_multipart_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2) return std::unexpected("the least ratio and its limit are wanted here");
  return [least = perl_number(arguments[0]),
          below = perl_number(arguments[1])](ScannedMessage& message) -> double {
    const double ratio = facts_of(message).multipart_ratio;
    return ratio >= least && ratio < below;
  };
}

double check_for_ascii_text_illegal(ScannedMessage& message) {
  return facts_of(message).illegal_ascii;
}

/// At most three digits on either side of the point, of which those behind it must be there.
bool is_plain_ratio(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || point > 3) return false;
  const auto fraction = text.substr(point + 1);
  const auto digits = [](std::string_view part) { return std::ranges::all_of(part, is_digit); };
  return digits(text.substr(0, point)) && digits(fraction) && !fraction.empty() &&
         fraction.size() <= 3;
}

BindResult check_abundant_unicode_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty() || !is_plain_ratio(arguments[0]))
    return std::unexpected("a ratio such as 0.02 is wanted here");
  return [least = perl_number(arguments[0])](ScannedMessage& message) -> double {
    return facts_of(message).unicode_ratio >= least;
  };
}

bool is_mostly_8_bit(const std::vector<std::string>& body) {
  std::size_t high = 0;
  std::size_t low = body.empty() ? 0 : body.size() - 1;  // the line ends between them
  for (const auto& element : body) {
    const auto count = static_cast<std::size_t>(std::ranges::count_if(
        element, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }));
    high += count;
    low += element.size() - count;
  }
  return low <= high && high > 3;
}

BindResult check_for_faraway_charset(const EvalArguments&, const RuleSettings& settings) {
  return [locales = Locales(settings.lists.ok_locales)](ScannedMessage& message) -> double {
    if (locales.allow_all()) return 0;
    const auto type = content_type(message);
    const auto charset = type ? charset_in(*type) : std::nullopt;
    return charset && !locales.allow(*charset) && is_mostly_8_bit(message.body());
  };
}

/// The size that ALL has, which SpamAssassin cuts and notes as damage.
bool is_header_too_long(const MessageParts& parts) {
  constexpr std::size_t longest = 65536;
  std::size_t size = 0;
  for (const auto& field : parts.fields()) size += field.name.size() + field.value.size() + 2;
  if (size <= longest) return false;
  size = 0;
  for (const auto& field : parts.fields()) size += field.name.size() + field_text(field).size() + 3;
  return size > longest;
}

BindResult check_msg_parse_flags(const EvalArguments& arguments, const RuleSettings&) {
  using Flags = MessageParts::Flags;
  static const std::map<std::string_view, bool Flags::*> flags{
      {"mime_epilogue_exists", &Flags::mime_epilogue_exists},
      {"mimepart_limit_exceeded", &Flags::mimepart_limit_exceeded},
      {"missing_head_body_separator", &Flags::missing_head_body_separator},
      {"missing_mime_head_body_separator", &Flags::missing_mime_head_body_separator},
      {"missing_mime_headers", &Flags::missing_mime_headers},
      {"truncated_header", &Flags::truncated_header},
  };
  const auto found = arguments.empty() ? flags.end() : flags.find(arguments[0]);
  if (found == flags.end())
    return never_hits("the name of a flag such as missing_mime_headers is wanted here");
  const bool header = found->first == "truncated_header";
  return [flag = found->second, header](ScannedMessage& message) -> double {
    return message.parts().flags.*flag || (header && is_header_too_long(message.parts()));
  };
}

double check_ma_non_text(ScannedMessage& message) {
  const auto& all = message.parts().all();
  const auto is_odd = [](const Part& part) {
    return part.is_leaf && !part.type.empty() && part.type != "multipart/related" &&
           part.type != "application/rtf" && !part.type.starts_with("text/");
  };
  for (const auto& part : all) {
    if (part.type != "multipart/alternative") continue;
    const bool odd_child =
        std::ranges::any_of(part.children, [&](auto child) { return is_odd(all[child]); });
    if (is_odd(part) || odd_child) return 1;
  }
  return 0;
}

/// The longest raw line of base64, its end included.
struct Base64Length {
  explicit Base64Length(ScannedMessage& message) {
    for (const auto number : message.parts().leaves()) {
      const auto& part = message.parts().all()[number];
      if (part.transfer_encoding != "base64") continue;
      if (parse_content_type(part.field("content-type")).type == "application/ics") continue;
      for (auto rest = part.raw; !rest.empty();)
        longest = std::max(longest, take_line(rest).size());
    }
  }
  std::size_t longest = 0;
};

BindResult check_base64_length(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("the least length of a line is wanted here");
  const double most =
      arguments.size() > 1 ? perl_number(arguments[1]) : std::numeric_limits<double>::infinity();
  return [least = perl_number(arguments[0]), most](ScannedMessage& message) -> double {
    const auto longest = double(message.memo<Base64Length>().longest);
    return longest >= least && longest <= most;
  };
}

BindResult check_qp_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("the least ratio is wanted here");
  return [least = perl_number(arguments[0])](ScannedMessage& message) -> double {
    return facts_of(message).quoted_printable_ratio >= least;
  };
}

constexpr std::array functions{
    EvalFunction{"check_abundant_unicode_ratio", check_abundant_unicode_ratio},
    EvalFunction{"check_base64_length", check_base64_length},
    EvalFunction{"check_for_ascii_text_illegal", bind_plain<check_for_ascii_text_illegal>},
    EvalFunction{"check_for_faraway_charset", check_for_faraway_charset},
    EvalFunction{"check_for_mime", check_for_mime},
    EvalFunction{"check_for_mime_html", bind_plain<check_for_mime_html>},
    EvalFunction{"check_for_mime_html_only", bind_plain<check_for_mime_html_only>},
    EvalFunction{"check_ma_non_text", bind_plain<check_ma_non_text>},
    EvalFunction{"check_mime_multipart_ratio", check_mime_multipart_ratio},
    EvalFunction{"check_msg_parse_flags", check_msg_parse_flags},
    EvalFunction{"check_qp_ratio", check_qp_ratio},
};

}  // namespace

EvalTable mime_evals() { return functions; }

}  // namespace postern
