// pdf_eval.cc — functions of PDFInfo.pm (SpamAssassin 4.0.1): what attached PDFs look like.
#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/pdf_document.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// All PDFs of a message.
struct Documents {
  explicit Documents(ScannedMessage& message) {
    for (const auto i : message.parts().leaves()) {
      const Part& part = message.parts().all()[i];
      if (!is_candidate(part)) continue;
      ++count;
      auto document = read_pdf(part.decoded());
      if (!document) continue;
      if (!part.name.empty() && part.name != "0") names.push_back(part.name);
      documents.push_back(*std::move(document));
    }
  }

  double count = 0;
  std::vector<std::string> names;  // of those that could be read
  std::vector<PdfDocument> documents;

  double pictures() const {
    double sum = 0;
    for (const auto& document : documents) sum += static_cast<double>(document.pictures);
    return sum;
  }
  /// Of the last one with pictures, as there.
  std::optional<double> pixels() const {
    std::optional<double> last;
    for (const auto& document : documents) {
      if (document.pixels > 0) last = document.pixels;
    }
    return last;
  }

 private:
  static bool is_candidate(const Part& part) {
    const auto& type = part.type;
    const bool pdf = type == "application/pdf" || type == "image/pdf";
    if (!pdf && type != "application/octet-stream" && type != "image/octet-stream") return false;
    const auto name = to_lower(part.name);
    return pdf || name.ends_with(".pdf") || name.ends_with(".fdf");
  }
};

/// From a number up to and including another; nothing is within a range without its least.
struct Range {
  std::optional<double> least;
  std::optional<double> most;

  explicit Range(const EvalArguments& arguments) {
    if (!arguments.empty()) least = perl_number(arguments[0]);
    if (arguments.size() > 1) most = perl_number(arguments[1]);
  }
  double holds(std::optional<double> value) const {
    return least && value && *value >= *least && (!most || *value <= *most) ? 1 : 0;
  }
};

template <class Value>
BindResult bind_within(const EvalArguments& arguments, Value value) {
  if (arguments.empty()) return never_hits("the least number is missing");
  return [range = Range(arguments), value](ScannedMessage& message) -> double {
    return range.holds(value(message.memo<Documents>()));
  };
}

BindResult pdf_count(const EvalArguments& arguments, const RuleSettings&) {
  return bind_within(arguments, [](const Documents& all) { return std::optional(all.count); });
}
BindResult pdf_image_count(const EvalArguments& arguments, const RuleSettings&) {
  return bind_within(arguments, [](const Documents& all) { return std::optional(all.pictures()); });
}
BindResult pdf_pixel_coverage(const EvalArguments& arguments, const RuleSettings&) {
  return bind_within(arguments, [](const Documents& all) { return all.pixels(); });
}

double pdf_is_encrypted(ScannedMessage& message) {
  return std::ranges::any_of(message.memo<Documents>().documents, &PdfDocument::encrypted) ? 1 : 0;
}

BindResult pdf_named(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("the name of a file is missing");
  return [name = arguments[0]](ScannedMessage& message) -> double {
    const auto& names = message.memo<Documents>().names;
    return std::ranges::find(names, name) != names.end() ? 1 : 0;
  };
}

/// With delimiters, or as it stands without.
std::expected<std::shared_ptr<const Regex>, UnboundCall> any_pattern(const std::string& written) {
  const bool delimited = written.starts_with('/') || written.starts_with("m{") ||
                         written.starts_with("m!") || written.starts_with("m/") ||
                         written.starts_with("qr/") || written.starts_with("qr{");
  auto regex = Regex::compile(delimited ? written : "m\x01" + written + "\x01");
  if (!regex) return never_hits(regex.error().what);
  return std::make_shared<const Regex>(*std::move(regex));
}

BindResult pdf_name_regex(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("an expression is missing");
  auto pattern = any_pattern(arguments[0]);
  if (!pattern) return std::unexpected(pattern.error());
  return [pattern = *std::move(pattern)](ScannedMessage& message) -> double {
    return std::ranges::any_of(message.memo<Documents>().names, [&](const std::string& name) {
      return pattern->matches(name, message.matcher()) == Regex::Outcome::match;
    });
  };
}

BindResult pdf_match_details(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2) return never_hits("a property and an expression are wanted here");
  auto pattern = any_pattern(arguments[1]);
  if (!pattern) return std::unexpected(pattern.error());
  return [name = arguments[0], pattern = *std::move(pattern)](ScannedMessage& message) -> double {
    for (const auto& document : message.memo<Documents>().documents) {
      const auto values = document.properties.find(name);
      if (values == document.properties.end()) continue;
      for (const auto& value : values->second) {
        if (pattern->matches(value, message.matcher()) == Regex::Outcome::match) return 1;
      }
    }
    return 0;
  };
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return text;
}

BindResult pdf_match_md5(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("a digest is missing");
  return [digest = in_capitals(arguments[0])](ScannedMessage& message) -> double {
    const auto& documents = message.memo<Documents>().documents;
    return std::ranges::find(documents, digest, &PdfDocument::digest) != documents.end() ? 1 : 0;
  };
}

BindResult pdf_match_fuzzy_md5(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("a digest is missing");
  return [digest = in_capitals(arguments[0])](ScannedMessage& message) -> double {
    return std::ranges::any_of(message.memo<Documents>().documents, [&](const auto& document) {
      return std::ranges::find(document.fuzzy_digests, digest) != document.fuzzy_digests.end();
    });
  };
}

/// Octets of the text that its kind of rule sees, for each pixel.
template <const std::vector<std::string>& (ScannedMessage::*seen)()>
BindResult pdf_image_to_text_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2) return never_hits("the least ratio and its limit are wanted here");
  return [least = perl_number(arguments[0]),
          below = perl_number(arguments[1])](ScannedMessage& message) -> double {
    const auto pixels = message.memo<Documents>().pixels();
    if (!pixels) return 0;
    double text = 0;
    for (const auto& element : (message.*seen)()) text += static_cast<double>(element.size());
    const double ratio = text / *pixels;
    return text > 0 && ratio >= least && ratio < below ? 1 : 0;
  };
}

/// Nothing but the subject, or no more than so many octets.
template <const std::vector<std::string>& (ScannedMessage::*seen)()>
BindResult pdf_is_empty_body(const EvalArguments& arguments, const RuleSettings&) {
  const double most = arguments.empty() ? 0 : perl_number(arguments[0]);
  return [most](ScannedMessage& message) -> double {
    if (message.memo<Documents>().count == 0) return 0;
    double octets = 0;
    const auto& lines = (message.*seen)();
    for (std::size_t i = 1; i < lines.size(); ++i) {
      if (!std::ranges::all_of(lines[i], is_space)) octets += static_cast<double>(lines[i].size());
      if (octets > most) return 0;
    }
    return 1;
  };
}

BindResult pdf_image_size_exact(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2) return never_hits("a height and a width are wanted here");
  return [wanted = arguments[0] + "x" + arguments[1]](ScannedMessage& message) -> double {
    return std::ranges::any_of(message.memo<Documents>().documents, [&](const auto& document) {
      return document.sizes.contains(wanted);
    });
  };
}

/// least height, least width, and where they are given most height, most width.
BindResult pdf_image_size_range(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2) return never_hits("the least height and width are wanted here");
  std::vector<double> limits;
  for (const auto& argument : arguments) limits.push_back(perl_number(argument));
  return [limits](ScannedMessage& message) -> double {
    const auto fits = [&limits](const std::string& size) {
      const double height = perl_number(size);
      const double width = perl_number(std::string_view(size).substr(size.find('x') + 1));
      return height >= limits[0] && width >= limits[1] &&
             (limits.size() < 3 || height <= limits[2]) &&
             (limits.size() < 4 || width <= limits[3]);
    };
    return std::ranges::any_of(message.memo<Documents>().documents, [&](const auto& document) {
      return std::ranges::any_of(document.sizes, fits);
    });
  };
}

constexpr std::array functions{
    EvalFunction{"pdf_count", pdf_count},
    EvalFunction{"pdf_image_count", pdf_image_count},
    EvalFunction{"pdf_image_size_exact", pdf_image_size_exact},
    EvalFunction{"pdf_image_size_range", pdf_image_size_range},
    EvalFunction{"pdf_image_to_text_ratio", pdf_image_to_text_ratio<&ScannedMessage::body>, false,
                 pdf_image_to_text_ratio<&ScannedMessage::rawbody>},
    EvalFunction{"pdf_is_empty_body", pdf_is_empty_body<&ScannedMessage::body>, false,
                 pdf_is_empty_body<&ScannedMessage::rawbody>},
    EvalFunction{"pdf_is_encrypted", bind_plain<pdf_is_encrypted>},
    EvalFunction{"pdf_match_details", pdf_match_details},
    EvalFunction{"pdf_match_fuzzy_md5", pdf_match_fuzzy_md5},
    EvalFunction{"pdf_match_md5", pdf_match_md5},
    EvalFunction{"pdf_name_regex", pdf_name_regex},
    EvalFunction{"pdf_named", pdf_named},
    EvalFunction{"pdf_pixel_coverage", pdf_pixel_coverage},
};

}  // namespace

EvalTable pdf_evals() { return functions; }

}  // namespace postern
