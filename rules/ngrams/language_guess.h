// language_guess.h — in which languages a message is written: TextCat.pm of SpamAssassin 4.0.1.
//
// The grams of the text in the order of their frequency are compared with each model's: a gram
// costs how far it stands from its place there, and one that the model does not have the most.
// Addresses and links are taken out first. Linear in the text, of which 10,000 octets are weighed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ngrams/language_settings.h"

namespace postern {

struct LanguageGuess {
  /// The likeliest first. None where the text is shorter than 256 octets, or where too many fit.
  std::vector<std::string> languages;
  std::size_t length = 0;  // of the text that was weighed

  /// As X-Languages has it: with blanks between.
  std::string text() const;
};

/// `lines` is what body rules see. Settings without models: no guess.
LanguageGuess guess_languages(const std::vector<std::string>& lines,
                              const LanguageSettings& settings);

/// What is weighed of a text: without subject prefixes ("Re: "), links and mail addresses.
std::string language_sample(const std::vector<std::string>& lines);

}  // namespace postern
