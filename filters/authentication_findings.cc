#include "filters/authentication_findings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "policies/network.h"

namespace postern {
namespace {

constexpr std::array<std::string_view, 4> methods = {"spf", "dkim", "arc", "dmarc"};

constexpr std::array<std::pair<std::string_view, SpfResult>, 7> spf_results{{
    {"none", SpfResult::none},
    {"neutral", SpfResult::neutral},
    {"pass", SpfResult::pass},
    {"fail", SpfResult::fail},
    {"softfail", SpfResult::softfail},
    {"temperror", SpfResult::temperror},
    {"permerror", SpfResult::permerror},
}};

using Policy = DmarcResult::Policy;
constexpr std::array<std::pair<std::string_view, Policy>, 3> policies{{
    {"none", Policy::none},
    {"quarantine", Policy::quarantine},
    {"reject", Policy::reject},
}};

template <class Table>
auto meaning(const Table& table, std::string_view word)
    -> std::optional<decltype(table.front().second)> {
  const auto* const found =
      std::ranges::find_if(table, [&](const auto& entry) { return entry.first == word; });
  if (found == table.end()) return {};
  return found->second;
}

void add_spf(const MethodResult& result, AuthenticationResults& out) {
  const auto known = meaning(spf_results, result.result);
  if (result.property("smtp", "mailfrom") != nullptr) out.spf_sender = known;
  const std::string* const helo = result.property("smtp", "helo");
  if (helo == nullptr) return;
  const auto address = IpAddress::parse(*helo);
  const bool no_name = helo->find('.') == std::string::npos || (address && address->is_v4());
  if (!no_name) out.spf_helo = known;
}

void add_signature(const MethodResult& result, AuthenticationResults& out) {
  if (!out.dkim) out.dkim.emplace();
  if (result.result == "none") return;
  CheckedSignature signature;
  const std::string* const identity = result.property("header", "i");
  const std::string* const domain = result.property("header", "d");
  if (identity != nullptr && !domain_of(*identity).empty()) {
    signature.domain = domain_of(*identity);
  } else if (domain != nullptr) {
    signature.domain = *domain;
  }
  signature.valid = result.result == "pass";
  signature.transient_failure = result.result == "temperror";
  const std::string* const testing = result.property("policy", "testing");
  signature.testing = testing != nullptr && *testing == "y";
  if (const std::string* const bits = result.property("policy", "key-bits"))
    signature.key_bits = static_cast<unsigned>(parse_number(*bits, 1U << 20).value_or(0));
  out.dkim->push_back(std::move(signature));
}

/// The rules know no domains of a chain, only whether there is one and whether it holds.
void add_chain(const MethodResult& result, AuthenticationResults& out) {
  out.arc.emplace();
  if (result.result == "none") return;
  CheckedSignature chain;
  chain.valid = result.result == "pass";
  out.arc->push_back(std::move(chain));
}

void add_dmarc(const MethodResult& result, AuthenticationResults& out) {
  if (result.result == "temperror") return;
  DmarcResult dmarc;
  dmarc.pass = result.result == "pass";
  if (const std::string* const policy = result.property("policy", "published-domain-policy"))
    dmarc.policy = meaning(policies, *policy).value_or(Policy::absent);
  out.dmarc = dmarc;
}

}  // namespace

std::vector<MethodResult> authentication_findings(const std::vector<Found>& findings) {
  std::vector<MethodResult> out;
  for (const auto& [filter, finding] : findings) {
    if (filter != finding.name || std::ranges::find(methods, filter) == methods.end()) continue;
    auto result = parse_result(finding.text);
    if (result && result->method == filter) out.push_back(std::move(*result));
  }
  return out;
}

std::optional<AuthenticationResults> authentication_for_rules(const std::vector<Found>& findings) {
  const auto results = authentication_findings(findings);
  if (results.empty()) return {};
  AuthenticationResults out;
  for (const MethodResult& result : results) {
    if (result.method == "spf") add_spf(result, out);
    if (result.method == "dkim") add_signature(result, out);
    if (result.method == "arc") add_chain(result, out);
    if (result.method == "dmarc") add_dmarc(result, out);
  }
  return out;
}

}  // namespace postern
