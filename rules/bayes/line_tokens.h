// line_tokens.h — a line of text cut into tokens: Plugin/Bayes.pm, _tokenize_line.
//
// Words of 3 octets and more between blanks, without punctuation at their ends and without stop
// words. Where a word is over BayesSettings::longest_token octets, UTF-8 text in it gives its
// characters of three and four octets ("u8:"), and other words their first seven ("sk:"). In a body
// and in URIs addresses ("U*", "D*") and host names ("UD:") are taken apart, and words come also in
// lower case and without punctuation. Linear in the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/bayes/bayes_settings.h"
#include "rules/bayes/token.h"
#include "rules/patterns/regex.h"

namespace postern {

enum class Region : std::uint8_t { header, body, uri };

class LineTokens {
 public:
  /// All of them must outlive it.
  LineTokens(const BayesSettings& settings, Matcher& matcher, TokenBag& bag);

  /// `prefix` goes in front of each token but those of addresses and host names.
  void add(std::string_view line, std::string_view prefix, Region region);

 private:
  void keep_text(std::string_view line);
  void part_runs(char separator, std::size_t least, std::size_t most);
  void lower_first_words();
  void add_word(std::string_view word);
  bool is_stop_word(std::string_view word) const;
  void add_places(std::string_view word);
  bool add_characters(std::string_view word);
  void add_variants(std::string_view word);

  const BayesSettings& settings_;
  Matcher& matcher_;
  TokenBag& bag_;
  std::vector<const Regex*> stop_words_;
  std::string_view prefix_;
  Region region_ = Region::header;
  std::string text_;  // the line on its way
  std::string rewritten_;
  std::string shortened_, plain_, lower_;
};

}  // namespace postern
