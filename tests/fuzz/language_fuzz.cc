// language_fuzz.cc — a message's lines and a file of models, up to the first empty line: the sample
// never grows, and an answer is one of the models'.
#include <algorithm>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/ngrams/language_guess.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  const auto border = std::min(input.find("\n\n"), input.size());
  LanguageSettings settings;
  settings.models =
      std::make_shared<const LanguageModels>(LanguageModels::parse(input.substr(0, border)));
  std::vector<std::string> lines;
  std::size_t written = 0;
  for (const auto line : split(input.substr(border), '\n')) {
    lines.emplace_back(line);
    written += line.size() + 1;
  }

  require(language_sample(lines).size() <= written, "a sample is no longer than the text");
  const auto guess = guess_languages(lines, settings);
  for (const auto& language : guess.languages) {
    const auto& models = settings.models->models();
    require(std::ranges::find(models, language, &LanguageModels::Model::answer) != models.end(),
            "an answer is one of the models'");
  }
  return 0;
}
