#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "rules/evals/binding.h"
#include "rules/evals/image_size.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

struct Format {
  std::string_view type;
  std::string_view name;
  std::optional<ImageSize> (*size)(std::string_view octets);
};
constexpr std::array formats{
    Format{"image/gif", "gif", gif_size},
    Format{"image/png", "png", png_size},
    Format{"image/jpeg", "jpeg", jpeg_size},
    Format{"image/jpg", "jpeg", jpeg_size},
};

/// Pictures in base64 of the three formats, by format and under "all": memo.
struct Images {
  explicit Images(ScannedMessage& message) {
    for (const auto number : message.parts().leaves()) {
      const auto& part = message.parts().all()[number];
      const auto format = std::ranges::find(formats, part.type, &Format::type);
      if (format == formats.end() || part.transfer_encoding != "base64") continue;
      const auto size = format->size(part.decoded());
      for (const auto name : {format->name, std::string_view("all")}) {
        auto& kind = kinds[std::string(name)];
        ++kind.count;
        if (!size) continue;
        kind.pixels += size->area();
        kind.sizes.push_back(*size);
      }
      if (size && !part.name.empty()) names.insert(part.name);
    }
  }

  struct Kind {
    double count = 0;
    double pixels = 0;
    std::vector<ImageSize> sizes;
  };
  const Kind& of(const std::string& name) const {
    static const Kind none;
    const auto found = kinds.find(name);
    return found == kinds.end() ? none : found->second;
  }

  std::map<std::string, Kind, std::less<>> kinds;
  std::set<std::string, std::less<>> names;
};

const Images& images_of(ScannedMessage& message) { return message.memo<Images>(); }

bool is_format(std::string_view name) {
  return name == "all" || std::ranges::find(formats, name, &Format::name) != formats.end();
}

double argument(const EvalArguments& arguments, std::size_t number, double otherwise) {
  return number < arguments.size() ? perl_number(arguments[number]) : otherwise;
}
constexpr double open_end = std::numeric_limits<double>::infinity();

/// A figure of one format within bounds, both included; the upper one may be left out.
template <double Images::Kind::* figure>
BindResult bind_range(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 2 || !is_format(arguments[0]))
    return never_hits("gif, png, jpeg or all, and the least number are wanted here");
  return [name = arguments[0], least = argument(arguments, 1, 0),
          most = argument(arguments, 2, open_end)](ScannedMessage& message) -> double {
    const double value = images_of(message).of(name).*figure;
    return value >= least && value <= most;
  };
}

/// Octets of the text that its kind of rule sees, for each pixel.
template <const std::vector<std::string>& (ScannedMessage::*seen)()>
BindResult image_to_text_ratio(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 3 || !is_format(arguments[0]))
    return never_hits("gif, png, jpeg or all, the least ratio and its limit are wanted here");
  return [name = arguments[0], least = argument(arguments, 1, 0),
          below = argument(arguments, 2, 0)](ScannedMessage& message) -> double {
    const double pixels = images_of(message).of(name).pixels;
    if (pixels <= 0) return 0;
    std::size_t text = 0;
    for (const auto& element : (message.*seen)()) text += element.size();
    const double ratio = double(text) / pixels;
    return text > 0 && ratio >= least && ratio < below;
  };
}

BindResult image_size_exact(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 3) return never_hits("a format, a height and a width are wanted here");
  return [name = arguments[0],
          wanted = arguments[1] + 'x' + arguments[2]](ScannedMessage& message) -> double {
    return std::ranges::any_of(images_of(message).of(name).sizes, [&](const ImageSize& size) {
      return fmt::format("{}x{}", size.height, size.width) == wanted;
    });
  };
}

BindResult image_size_range(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.size() < 3)
    return never_hits("a format, the least height and the least width are wanted here");
  return [name = arguments[0], least_height = argument(arguments, 1, 0),
          least_width = argument(arguments, 2, 0), most_height = argument(arguments, 3, open_end),
          most_width = argument(arguments, 4, open_end)](ScannedMessage& message) -> double {
    return std::ranges::any_of(images_of(message).of(name).sizes, [&](const ImageSize& size) {
      return size.height >= least_height && size.height <= most_height &&
             size.width >= least_width && size.width <= most_width;
    });
  };
}

BindResult image_named(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("the name of a picture is wanted here");
  return [name = arguments[0]](ScannedMessage& message) -> double {
    return images_of(message).names.contains(name);
  };
}

/// The argument is an expression without delimiters; we find it some.
std::expected<Regex, std::string> compile_bare(const std::string& expression) {
  for (const char delimiter : std::string_view("/!,;|~%&=")) {
    if (expression.find(delimiter) != std::string::npos) continue;
    auto regex = Regex::compile(fmt::format("m{}{}{}", delimiter, expression, delimiter));
    if (!regex) return std::unexpected(regex.error().what);
    regex->compile_native();
    return std::move(*regex);
  }
  return std::unexpected("this expression has too many different marks in it");
}

BindResult image_name_regex(const EvalArguments& arguments, const RuleSettings&) {
  if (arguments.empty()) return never_hits("an expression for names is wanted here");
  auto compiled = compile_bare(arguments[0]);
  if (!compiled) return std::unexpected(compiled.error());
  return [regex = std::make_shared<const Regex>(std::move(*compiled))](
             ScannedMessage& message) -> double {
    return std::ranges::any_of(images_of(message).names, [&](const std::string& name) {
      return regex->matches(name, message.matcher()) == Regex::Outcome::match;
    });
  };
}

constexpr std::array functions{
    EvalFunction{"image_count", bind_range<&Images::Kind::count>},
    EvalFunction{"image_name_regex", image_name_regex},
    EvalFunction{"image_named", image_named},
    EvalFunction{"image_size_exact", image_size_exact},
    EvalFunction{"image_size_range", image_size_range},
    EvalFunction{"image_to_text_ratio", image_to_text_ratio<&ScannedMessage::body>, false,
                 image_to_text_ratio<&ScannedMessage::rawbody>},
    EvalFunction{"pixel_coverage", bind_range<&Images::Kind::pixels>},
};

}  // namespace

EvalTable image_evals() { return functions; }

}  // namespace postern
