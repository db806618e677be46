// html_eval.cc — what was found in HTML parts (Plugin/HTMLEval.pm). Each function asks all of them
// and hits where one of them answers yes.

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"
#include "rules/html/perl_characters.h"

namespace postern {
namespace {

using Bound = BindResult;

template <class Test>
BoundEval any_html(Test test) {
  return [test = std::move(test)](ScannedMessage& message) {
    for (const auto leaf : message.parts().leaves()) {
      const auto& html = message.parts().all()[leaf].rendered().html;
      if (html && test(*html, message)) return 1.0;
    }
    return 0.0;
  };
}

/// As Perl reads a number in a text: what is none is 0.
double number_of(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "> minimum, <= maximum"; without a maximum, or with "inf", any above the minimum.
struct Bounds {
  double minimum = 0;
  std::optional<double> maximum;

  bool hold(double value) const { return value > minimum && (!maximum || value <= *maximum); }
};

Bounds bounds_at(const EvalArguments& arguments, std::size_t at) {
  Bounds bounds{.minimum = number_of(arguments[at]), .maximum = std::nullopt};
  if (at + 1 < arguments.size() && arguments[at + 1] != "inf")
    bounds.maximum = number_of(arguments[at + 1]);
  return bounds;
}

/// "!= 0", "< 512": an operator and a whole number.
struct Comparison {
  enum class Operator : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal };
  Operator how = Operator::equal;
  double number = 0;

  bool holds(double value) const {
    switch (how) {
      case Operator::equal:
        return value == number;
      case Operator::unequal:
        return value != number;
      case Operator::less:
        return value < number;
      case Operator::less_equal:
        return value <= number;
      case Operator::greater:
        return value > number;
      case Operator::greater_equal:
        return value >= number;
    }
    return false;
  }
};

std::optional<Comparison> parse_comparison(std::string_view written) {
  using Operator = Comparison::Operator;
  struct Spelling {
    std::string_view text;
    Operator how;
  };
  // The longer first.
  static constexpr std::array<Spelling, 6> spellings{{{"==", Operator::equal},
                                                      {"!=", Operator::unequal},
                                                      {"<=", Operator::less_equal},
                                                      {">=", Operator::greater_equal},
                                                      {"<", Operator::less},
                                                      {">", Operator::greater}}};
  auto text = trim(written);
  const auto* found = std::ranges::find_if(
      spellings, [text](const auto& spelling) { return text.starts_with(spelling.text); });
  if (found == spellings.end()) return std::nullopt;
  text = trim(text.substr(found->text.size()));
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  const auto value = static_cast<double>(*number);
  return Comparison{found->how, negative ? -value : value};
}

/// Where characters above U+00FF stand for themselves alone: an octet each that no pattern names.
std::string as_octets(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return c >= 0; })) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8_character(text, at);
    out += static_cast<char>(std::min<char32_t>(code, 0xFF));
    at += size;
  }
  return out;
}

constexpr std::string_view range_help = "wants a minimum and a maximum: ('0','1024')";

Bound range(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2)
    return std::unexpected("wants a name, a minimum and perhaps a maximum: ('length','0','1024')");
  return any_html([name = arguments[0], bounds = bounds_at(arguments, 1)](const HtmlText& html,
                                                                          ScannedMessage&) {
    const auto value = html.value(name);
    return value && bounds.hold(*value);
  });
}

Bound image_only(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 2) return std::unexpected(std::string(range_help));
  return any_html([bounds = bounds_at(arguments, 0)](const HtmlText& html, ScannedMessage&) {
    const auto length = html.value("length");
    return length && html.inside("img") && bounds.hold(*length);
  });
}

Bound image_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 2) return std::unexpected(std::string(range_help));
  return any_html([bounds = bounds_at(arguments, 0)](const HtmlText& html, ScannedMessage&) {
    const double area = html.value("image_area").value_or(0);
    return area > 0 && bounds.hold(html.value("non_space_len").value_or(0) / area);
  });
}

Bound tag_exists(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 1) return std::unexpected("wants the name of a tag: ('iframe')");
  return any_html([tag = arguments[0]](const HtmlText& html, ScannedMessage&) {
    return html.inside(tag).has_value();
  });
}

constexpr std::string_view comparison_help =
    "wants a name and a comparison with a whole number: ('body','!= 0')";

Bound tag_balance(const EvalArguments& arguments, const RuleSettings&) {
  const auto comparison =
      arguments.size() == 2 ? parse_comparison(arguments[1]) : std::optional<Comparison>();
  if (!comparison) return std::unexpected(std::string(comparison_help));
  return any_html(
      [tag = arguments[0], comparison = *comparison](const HtmlText& html, ScannedMessage&) {
        const auto open = html.inside(tag);
        return open && comparison.holds(*open);
      });
}

Bound compare(const EvalArguments& arguments, const RuleSettings&) {
  const auto comparison =
      arguments.size() == 2 ? parse_comparison(arguments[1]) : std::optional<Comparison>();
  if (!comparison) return std::unexpected(std::string(comparison_help));
  return any_html(
      [name = arguments[0], comparison = *comparison](const HtmlText& html, ScannedMessage&) {
        const auto value = html.value(name);
        return value && comparison.holds(*value);
      });
}

Bound test(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 1) return std::unexpected("wants the name of a test: ('embeds')");
  return any_html([name = arguments[0]](const HtmlText& html, ScannedMessage&) {
    if (html.strings(name) != nullptr) return true;
    return html.value(name).value_or(0) != 0;
  });
}

/// Of all strings of a kind, whether one matches; or, `wanted` being false, whether one does not.
Bound text_search(const EvalArguments& arguments, bool wanted) {
  if (arguments.size() != 2)
    return std::unexpected("wants a kind of text and a pattern: ('comment','<!-- saved')");
  // A delimiter that no pattern has; the pattern itself is written without one.
  auto compiled = Regex::compile("m\x01" + arguments[1] + "\x01");
  if (!compiled) return std::unexpected(compiled.error().what);
  auto regex = std::make_shared<Regex>(std::move(*compiled));
  regex->compile_native();
  return any_html([kind = arguments[0], regex = std::move(regex), wanted](const HtmlText& html,
                                                                          ScannedMessage& message) {
    const auto* strings = html.strings(kind);
    if (strings == nullptr) return false;
    return std::ranges::any_of(*strings, [&](const std::string& text) {
      const auto outcome = regex->matches(as_octets(text), message.matcher());
      return outcome == (wanted ? Regex::Outcome::match : Regex::Outcome::none);
    });
  });
}

Bound text_match(const EvalArguments& arguments, const RuleSettings&) {
  return text_search(arguments, true);
}

Bound text_not_match(const EvalArguments& arguments, const RuleSettings&) {
  return text_search(arguments, false);
}

/// Characters of a title over octets of the subject with its line end.
Bound title_subject_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 1) return std::unexpected("wants a ratio: ('3.5')");
  return any_html([ratio = number_of(arguments[0])](const HtmlText& html, ScannedMessage& message) {
    const auto* titles = html.strings("title");
    const auto subject = message.headers().get(HeaderSource{.name = "subject"});
    if (titles == nullptr || !subject || subject->empty()) return false;
    return std::ranges::any_of(*titles, [&](const std::string& title) {
      const auto length = static_cast<double>(utf8_length(title));
      return title != "0" && length / static_cast<double>(subject->size()) > ratio;
    });
  });
}

/// SpamAssassin 4.0.1 gathers the charsets of <meta>, but does not hand them to this function: it
/// never hits there, and must not here.
Bound charset_faraway(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage&) { return 0.0; };
}

Bound iframe_source(const EvalArguments&, const RuleSettings&) {
  return any_html([](const HtmlText& html, ScannedMessage&) {
    return std::ranges::any_of(html.uris, [](const HtmlUri& uri) {
      return std::ranges::find(uri.types, "iframe") != uri.types.end();
    });
  });
}

constexpr std::array<EvalFunction, 12> functions{{
    {"html_tag_balance", tag_balance},
    {"html_image_only", image_only},
    {"html_image_ratio", image_ratio},
    {"html_charset_faraway", charset_faraway},
    {"html_tag_exists", tag_exists},
    {"html_test", test},
    {"html_eval", compare},
    {"html_text_match", text_match},
    {"html_text_not_match", text_not_match},
    {"html_title_subject_ratio", title_subject_ratio},
    {"html_range", range},
    {"check_iframe_src", iframe_source},
}};

}  // namespace

EvalTable html_evals() { return functions; }

}  // namespace postern
