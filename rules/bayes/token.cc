#include "rules/bayes/token.h"

#include <openssl/evp.h>

#include <algorithm>

namespace postern {

void TokenBag::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

TokenBag::TokenBag(Texts texts) : texts_(texts), context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr);
  tokens_.reserve(2048);
}

Token TokenBag::hash(std::string_view text) {
  constexpr std::size_t sha1_octets = 20;
  unsigned char digest[sha1_octets];
  // Without a type the context starts anew with the one it has, which looks nothing up.
  EVP_DigestInit_ex(context_.get(), nullptr, nullptr);
  EVP_DigestUpdate(context_.get(), text.data(), text.size());
  EVP_DigestFinal_ex(context_.get(), digest, nullptr);
  Token token = 0;
  for (std::size_t i = sha1_octets - token_octets; i < sha1_octets; ++i)
    token = token << 8 | digest[i];
  return token;
}

void TokenBag::add(std::string_view prefix, std::string_view text) {
  if (prefix.empty() && text.empty()) return;
  std::string_view whole = text;
  if (!prefix.empty()) {
    buffer_.assign(prefix);
    buffer_.append(text);
    whole = buffer_;
  }
  tokens_.push_back(hash(whole));
  if (texts_ == Texts::keep) names_.emplace_back(whole);
}

std::vector<Token> TokenBag::take() {
  std::vector<Token> out = std::move(tokens_);
  tokens_.clear();
  names_.clear();
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::vector<TokenBag::Named> TokenBag::take_named() {
  std::vector<Named> out;
  out.reserve(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) out.push_back({tokens_[i], std::move(names_[i])});
  tokens_.clear();
  names_.clear();
  std::ranges::sort(out, {}, &Named::token);
  const auto same = std::ranges::unique(out, {}, &Named::token);
  out.erase(same.begin(), same.end());
  return out;
}

Token token_of(std::string_view text) {
  TokenBag bag;
  bag.add("", text);
  const auto tokens = bag.take();
  return tokens.empty() ? 0 : tokens.front();
}

}  // namespace postern
