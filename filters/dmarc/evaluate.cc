#include "filters/dmarc/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "rules/headers/address_list.h"

namespace postern::dmarc {
namespace {

constexpr std::size_t most_authors = 10;
constexpr std::array<std::string_view, 5> verdict_names = {"none", "pass", "fail", "temperror",
                                                           "permerror"};

/// A record, and whether it speaks of the domain as one of its subdomains.
struct Found {
  Verdict verdict = Verdict::none;  // temperror, permerror: why there is no record
  std::optional<Record> record;
  bool inherited = false;
};

Found read_answer(const DnsAnswer& answer) {
  Found out;
  if (answer.status == DnsStatus::failed) out.verdict = Verdict::temperror;
  const DnsRecord* found = nullptr;
  std::size_t count = 0;
  for (const DnsRecord& record : answer.records) {
    if (!is_record(record.text)) continue;
    found = &record;
    ++count;
  }
  if (count != 1) return out;
  out.record = parse_record(found->text);
  if (!out.record) out.verdict = Verdict::permerror;
  return out;
}

Task<Found> find_record(Resolver& dns, const std::string& domain, const std::string& organization,
                        SteadyTime deadline) {
  std::string name = "_dmarc." + domain;
  const DnsAnswer own = co_await dns.query(std::move(name), RecordType::txt, deadline);
  Found found = read_answer(own);
  if (found.record || found.verdict != Verdict::none || organization.empty() ||
      organization == domain)
    co_return found;
  name = "_dmarc." + organization;
  const DnsAnswer above = co_await dns.query(std::move(name), RecordType::txt, deadline);
  found = read_answer(above);
  found.inherited = true;
  co_return found;
}

/// The domain that a result speaks for.
std::string_view authenticated_domain(const MethodResult& result) {
  if (result.method == "dkim") {
    const auto* const domain = result.property("header", "d");
    return domain == nullptr ? std::string_view{} : std::string_view(*domain);
  }
  const auto* const sender = result.property("smtp", "mailfrom");
  return sender == nullptr ? std::string_view{} : domain_of(*sender);
}

bool is_aligned(std::string_view domain, std::string_view author, bool strict,
                const Organizations& organizations) {
  if (equals_ignoring_case(domain, author)) return true;
  if (strict || domain.empty()) return false;
  const auto organization = organizations.domain_of(author);
  return !organization.empty() && organizations.domain_of(domain) == organization;
}

/// RFC 7489 §3.1.2: of a null sender SPF authenticates the HELO.
bool has_sender(const std::vector<MethodResult>& results) {
  return std::ranges::any_of(results, [](const MethodResult& result) {
    return result.method == "spf" && result.property("smtp", "mailfrom") != nullptr;
  });
}

/// Whether SPF or DKIM has come to `wanted` for a domain that is aligned with the author's.
bool any_aligned(std::string_view wanted, const std::vector<MethodResult>& results,
                 const std::string& author, const Record& record,
                 const Organizations& organizations) {
  const bool sender = has_sender(results);
  return std::ranges::any_of(results, [&](const MethodResult& result) {
    if (result.method != "spf" && result.method != "dkim") return false;
    if (result.result != wanted) return false;
    std::string_view domain = authenticated_domain(result);
    const bool spf = result.method == "spf";
    const auto* const helo = result.property("smtp", "helo");
    if (spf && !sender && helo != nullptr) domain = *helo;
    return is_aligned(domain, author, spf ? record.strict_spf : record.strict_dkim, organizations);
  });
}

/// From well to badly treated; among fails the stricter policy.
int badness(const Outcome& outcome) {
  constexpr std::array<int, 5> order = {1, 0, 4, 3, 2};  // by Verdict
  return order[static_cast<std::size_t>(outcome.verdict)] * 3 + static_cast<int>(outcome.policy);
}

constexpr bool is_domain_octet(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// What stands behind each '@', for fields that are malformed: some reader shows an address.
std::vector<std::string> domains_behind_at(std::string_view text) {
  std::vector<std::string> out;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const auto rest = trim(text.substr(at + 1));
    const auto end = std::ranges::find_if_not(rest, is_domain_octet);
    out.push_back(to_lower(rest.substr(0, static_cast<std::size_t>(end - rest.begin()))));
    if (out.size() == most_authors) break;
  }
  return out;
}

/// Of one From field; without final dots.
std::vector<std::string> domains_of(const std::string& field) {
  std::vector<std::string> out;
  for (const auto& listed : parse_address_list(field))
    out.push_back(to_lower(domain_of(listed.address.value_or(""))));
  std::erase(out, "");
  if (out.empty()) out = domains_behind_at(field);
  for (std::string& domain : out)
    if (domain.ends_with('.')) domain.pop_back();
  std::erase(out, "");
  return out;
}

}  // namespace

std::vector<std::string> author_domains(const SplitMessage& message) {
  std::vector<std::string> out;
  for (const HeaderField& field : message.fields) {
    if (!equals_ignoring_case(field.name, "From")) continue;
    const std::string value = field.unfolded();
    for (std::string& domain : domains_of(value)) {
      if (std::ranges::find(out, domain) == out.end()) out.push_back(std::move(domain));
      if (out.size() == most_authors) return out;
    }
  }
  return out;
}

Task<Outcome> evaluate(Resolver& dns, const Organizations& organizations,
                       std::vector<std::string> authors, std::vector<MethodResult> results,
                       SteadyTime deadline) {
  std::optional<Outcome> worst;
  for (const std::string& author : authors) {
    const std::string organization = organizations.domain_of(author);
    const Found found = co_await find_record(dns, author, organization, deadline);
    Outcome outcome{found.verdict, author};
    if (found.record) {
      const Record& record = *found.record;
      const auto any = [&](std::string_view wanted) {
        return any_aligned(wanted, results, author, record, organizations);
      };
      // §6.6.2: what may yet pass has not failed, and a DNS that is down must refuse no mail.
      outcome.verdict = any("pass")        ? Verdict::pass
                        : any("temperror") ? Verdict::temperror
                                           : Verdict::fail;
      outcome.policy = found.inherited ? record.subdomain_policy : record.policy;
      outcome.percent = record.percent;
    }
    if (!worst || badness(outcome) > badness(*worst)) worst = std::move(outcome);
  }
  co_return worst.value_or(Outcome{});
}

MethodResult as_result(const Outcome& outcome) {
  const auto verdict = static_cast<std::size_t>(outcome.verdict);
  MethodResult out{.method = "dmarc", .result = std::string(verdict_names[verdict])};
  const bool published = outcome.verdict == Verdict::pass || outcome.verdict == Verdict::fail;
  const std::string policy(policy_name(outcome.policy));
  if (published) out.comment = "p=" + policy;
  if (!outcome.domain.empty()) out.properties.push_back({"header", "from", outcome.domain});
  if (published) out.properties.push_back({"policy", "published-domain-policy", policy});
  return out;
}

}  // namespace postern::dmarc
