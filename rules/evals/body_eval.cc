// body_eval.cc — lengths and shapes of bodies (Plugin/BodyEval.pm).

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/evals/alternative_words.h"
#include "rules/evals/stock_info.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

using Bound = BindResult;

double number_of(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<double> number_at(const EvalArguments& arguments, std::size_t at) {
  if (at >= arguments.size() || arguments[at] == "undef") return std::nullopt;
  return number_of(arguments[at]);
}

// ---- multipart/alternative ----

Bound alternative_difference(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 2)
    return std::unexpected("wants a minimum and a maximum in per cent: ('99','100')");
  return [minimum = number_of(arguments[0]),
          maximum = number_at(arguments, 1)](ScannedMessage& message) {
    const double difference = message.memo<AlternativeWords>().difference;
    return (minimum == 0 || difference > minimum) && (!maximum || difference <= *maximum) ? 1.0
                                                                                          : 0.0;
  };
}

Bound alternative_count(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 2)
    return std::unexpected("wants a ratio and a least number of words in HTML: ('3','1')");
  return [ratio = number_of(arguments[0]),
          least = number_of(arguments[1])](ScannedMessage& message) {
    const auto& words = message.memo<AlternativeWords>();
    const auto in_html = static_cast<double>(words.html_words);
    return in_html > least && static_cast<double>(words.text_words) / in_html > ratio ? 1.0 : 0.0;
  };
}

// ---- lines and paragraphs ----

Bound blank_line_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2)
    return std::unexpected("wants a minimum and a maximum in per cent: ('60','70','8')");
  const double least = std::max(number_at(arguments, 2).value_or(1), 1.0);
  return [minimum = number_of(arguments[0]), maximum = number_of(arguments[1]),
          least](ScannedMessage& message) {
    double lines = 0;
    double blank = 0;
    for (std::string_view piece : message.rawbody()) {
      while (!piece.empty()) {
        const auto end = std::min(piece.find('\n'), piece.size() - 1) + 1;
        lines += 1;
        blank += std::ranges::all_of(piece.substr(0, end), is_space) ? 1 : 0;
        piece.remove_prefix(end);
      }
    }
    const double ratio = lines < least ? -1 : 100 * blank / lines;
    return ratio <= maximum && (minimum == 0 || ratio > minimum) ? 1.0 : 0.0;
  };
}

/// The most blanks of any paragraph in per cent of its other octets; -1 where all are short.
double most_blanks(const std::vector<std::string>& paragraphs) {
  double most = -1;
  for (const auto& paragraph : paragraphs) {
    if (paragraph.size() <= 5) continue;
    const auto blanks = static_cast<std::size_t>(std::ranges::count(paragraph, ' '));
    const auto others = paragraph.size() - blanks;
    const std::size_t share = blanks > others ? 100 : 100 * blanks / others;
    most = std::max(most, static_cast<double>(share));
  }
  return most;
}

Bound vertical_words(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 2)
    return std::unexpected("wants a minimum and a maximum in per cent: ('0','10')");
  const double maximum = number_of(arguments[1]);
  return [minimum = number_of(arguments[0]),
          end = maximum >= 100 ? 101 : maximum](ScannedMessage& message) {
    const double share = most_blanks(message.body());
    return share >= minimum && share < end ? 1.0 : 0.0;
  };
}

Bound stock_info(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 1) return std::unexpected("wants a number of labels: ('2')");
  StockLabels::prepare();
  return [least = number_of(arguments[0])](ScannedMessage& message) {
    return static_cast<double>(message.memo<StockLabels>().count) >= least ? 1.0 : 0.0;
  };
}

Bound body_length(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() != 1) return std::unexpected("wants a number of octets: ('512')");
  return [most = number_of(arguments[0])](ScannedMessage& message) {
    return static_cast<double>(message.parts().body().size()) <= most ? 1.0 : 0.0;
  };
}

// ---- signatures ----

/// Octets before and behind the last signature mark of the first text/plain part.
struct Signature {
  explicit Signature(ScannedMessage& message) {
    const auto& all = message.parts().all();
    const auto part = std::ranges::find_if(
        all, [](const Part& candidate) { return candidate.type.starts_with("text/plain"); });
    if (part == all.end()) return;
    measure(part->decoded());
  }

  std::optional<double> body;
  std::optional<double> signature;
  std::optional<double> ratio;

 private:
  void measure(std::string_view text) {
    constexpr std::size_t decoy = 4;  // a mark with no more behind it is none
    std::size_t before = text.size();
    std::size_t behind = 0;
    for (std::size_t start = 0; start < text.size();) {
      const auto end = std::min(text.find('\n', start), text.size());
      const auto line = text.substr(start, end - start);
      const bool mark = line == "--" || line == "-- " || line == "--\r" || line == "-- \r";
      if (mark && text.size() - end > decoy) {
        before = start;
        behind = text.size() - end;
      }
      start = end + 1;
    }
    body = static_cast<double>(before);
    signature = static_cast<double>(behind);
    ratio = behind > 0 ? *body / *signature : 1e6;
  }
};

template <std::optional<double> Signature::* Value>
Bound signature_value(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return std::unexpected("wants a minimum and perhaps a maximum: ('0','1')");
  return [minimum = number_of(arguments[0]),
          maximum = number_at(arguments, 1)](ScannedMessage& message) {
    const auto value = message.memo<Signature>().*Value;
    return value && *value >= minimum && (!maximum || *value <= *maximum) ? 1.0 : 0.0;
  };
}

constexpr std::array<EvalFunction, 9> functions{{
    {"multipart_alternative_difference", alternative_difference},
    {"multipart_alternative_difference_count", alternative_count},
    {"check_blank_line_ratio", blank_line_ratio},
    {"tvd_vertical_words", vertical_words},
    {"check_body_length", body_length},
    {"check_stock_info", stock_info},
    {"plaintext_body_length", signature_value<&Signature::body>},
    {"plaintext_sig_length", signature_value<&Signature::signature>},
    {"plaintext_body_sig_ratio", signature_value<&Signature::ratio>},
}};

}  // namespace

EvalTable body_evals() { return functions; }

}  // namespace postern
