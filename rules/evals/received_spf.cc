#include "rules/evals/received_spf.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

struct NamedResult {
  std::string_view name;
  SpfResult result;
};

constexpr std::array results{
    NamedResult{"pass", SpfResult::pass},           NamedResult{"neutral", SpfResult::neutral},
    NamedResult{"softfail", SpfResult::softfail},   NamedResult{"fail", SpfResult::fail},
    NamedResult{"temperror", SpfResult::temperror}, NamedResult{"permerror", SpfResult::permerror},
    NamedResult{"none", SpfResult::none},
};

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

/// The result that a text begins with.
std::optional<SpfResult> leading_result(std::string_view text) {
  for (const auto& [name, result] : results) {
    if (text.starts_with(name)) return result;
  }
  return {};
}

enum class Identity { sender, helo, other };

Identity identity_of(std::string_view name) {
  if (name.empty() || name == "mfrom" || name == "mailfrom") return Identity::sender;
  return name == "helo" ? Identity::helo : Identity::other;
}

/// What stands behind the last `key` that begins a word; nothing without one.
std::optional<std::string_view> behind_last(std::string_view text, std::string_view key) {
  for (auto at = text.rfind(key); at != std::string_view::npos; at = text.rfind(key, at - 1)) {
    if (at == 0 || !is_word(text[at - 1])) return text.substr(at + key.size());
  }
  return {};
}

struct Claim {
  Identity identity = Identity::other;
  SpfResult result = SpfResult::none;
};

/// "pass (…) identity=mailfrom; …", in lower case.
std::optional<Claim> received_spf(std::string_view value) {
  while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
  const auto end =
      static_cast<std::size_t>(std::ranges::find_if_not(value, is_word) - value.begin());
  const auto word = value.substr(0, end);
  const auto result = std::ranges::find(results, word, &NamedResult::name);
  if (result == results.end()) return {};
  const auto named = behind_last(value.substr(end), "identity=");
  if (!named || named->empty() || is_space(named->front()))
    return Claim{Identity::sender, result->result};
  const auto length =
      static_cast<std::size_t>(std::ranges::find_if_not(*named, is_word) - named->begin());
  return Claim{length == 0 ? Identity::other : identity_of(named->substr(0, length)),
               result->result};
}

/// "mx.example.org; spf=pass smtp.mailfrom=example.net; …", in lower case.
std::optional<Claim> authentication_results(std::string_view value) {
  auto method = std::string_view();
  for (auto at = value.rfind(';'); at != std::string_view::npos && method.empty();
       at = at == 0 ? std::string_view::npos : value.rfind(';', at - 1)) {
    auto piece = trim(value.substr(at + 1));
    if (!piece.starts_with("spf")) continue;
    piece = trim(piece.substr(3));
    if (piece.starts_with('=')) method = trim(piece.substr(1));
  }
  method = method.substr(0, method.find(';'));
  if (method.starts_with("hardfail")) method.remove_prefix(4);  // RFC 5451 has it for "fail"
  const auto result = leading_result(method);
  if (!result) return {};
  const auto property = method.find("smtp.");
  if (property == std::string_view::npos) return Claim{Identity::sender, *result};
  const auto rest = method.substr(property + 5);
  const auto word = rest.substr(0, rest.find_first_of(" \t"));
  const auto equals = word.rfind('=');
  const auto name = equals == std::string_view::npos ? word : word.substr(0, equals);
  return Claim{identity_of(name), *result};
}

std::optional<Claim> claim_of(const std::string& field) {
  const auto lowered = to_lower(field);
  const auto colon = lowered.find(':');
  if (colon == std::string::npos) return {};
  const auto name = std::string_view(lowered).substr(0, colon);
  const auto value = std::string_view(lowered).substr(colon + 1);
  if (name == "received-spf") return received_spf(value);
  if (name == "authentication-results" || name == "arc-authentication-results")
    return authentication_results(value);
  return {};
}

}  // namespace

WrittenSpf read_written_spf(const std::vector<std::string>& fields) {
  WrittenSpf written;
  for (const auto& field : fields) {
    const auto claim = claim_of(field);
    if (!claim) continue;
    if (claim->identity == Identity::sender && !written.sender) written.sender = claim->result;
    if (claim->identity == Identity::helo && !written.helo) written.helo = claim->result;
  }
  return written;
}

}  // namespace postern
