#include "rules/evals/binding.h"

#include <charconv>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

std::optional<double> limit(const EvalArguments& arguments, std::size_t number) {
  if (number >= arguments.size() || arguments[number] == "undef") return {};
  return perl_number(arguments[number]);
}

}  // namespace

double perl_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

OpenRange open_range(const EvalArguments& arguments) {
  return {limit(arguments, 0), limit(arguments, 1)};
}

}  // namespace postern
