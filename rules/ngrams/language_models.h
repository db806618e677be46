// language_models.h — which grams are frequent in which language: SpamAssassin's `languages` file.
//
// The file has the grams of a model one a line, the most frequent first, and ends each model with
// "0 name"; names are "en", "zh.big5", "de.utf8". Read once; never changed; looked up in one table
// for all models.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class LanguageModels {
 public:
  struct Model {
    std::string language;  // "zh" of "zh.big5"
    /// What is answered: the name, but of xx.utf8 only xx, the charset being nobody's business.
    std::string answer;
  };
  struct Place {
    std::uint32_t model = 0;
    std::uint32_t rank = 0;  // from 1
  };

  /// Never fails: a text without an end of a model has none. At most 1000 models are read.
  static LanguageModels parse(std::string_view text);

  const std::vector<Model>& models() const { return models_; }
  /// In which models a gram is frequent; none, where in none.
  std::span<const Place> places(std::uint64_t gram) const;

 private:
  std::vector<Model> models_;
  std::vector<std::uint64_t> grams_;   // sorted
  std::vector<std::uint32_t> starts_;  // of each gram's places, and behind the last
  std::vector<Place> places_;
};

}  // namespace postern
