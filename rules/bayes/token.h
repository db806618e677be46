// token.h — what is learnt of a word: the last five octets of its SHA-1, as sa-learn keeps them.
//
// As a number the octets are read from the left, so that tokens sort as their octets do. The words
// themselves are kept only where somebody asks for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_md_ctx_st;

namespace postern {

using Token = std::uint64_t;  // the lower 40 bits
constexpr std::size_t token_octets = 5;

/// Collects the tokens of one message.
class TokenBag {
 public:
  enum class Texts : bool { forget, keep };

  explicit TokenBag(Texts texts = Texts::forget);

  /// The empty text is no token.
  void add(std::string_view prefix, std::string_view text);
  /// How many were added, the same one as often as it came.
  std::size_t size() const { return tokens_.size(); }

  /// Each once, in ascending order; the bag is empty afterwards.
  std::vector<Token> take();

  /// With Texts::keep: each once, in the order of their tokens; the bag is empty afterwards.
  struct Named {
    Token token = 0;
    std::string text;
  };
  std::vector<Named> take_named();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  Token hash(std::string_view text);

  Texts texts_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
  std::string buffer_;
  std::vector<Token> tokens_;
  std::vector<std::string> names_;  // as many as tokens_, where texts are kept
};

/// For a word that is known in full.
Token token_of(std::string_view text);

}  // namespace postern
