#include "filters/dkim/verify.h"

#include <utility>

#include "filters/dkim/body_hashes.h"
#include "filters/dkim/key_lookup.h"
#include "filters/dkim/signed_header.h"
#include "gateway/base/bytes.h"

namespace postern::dkim {
namespace {

struct Candidate {
  std::size_t field;
  CheckedField checked;
  Judgement body;  // open: it is the one that was signed

  bool open() const { return checked.judgement.open(); }
};

std::vector<Candidate> find_candidates(const SplitMessage& message, WallTime now) {
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < message.fields.size() && out.size() < most_reported; ++i) {
    if (!equals_ignoring_case(message.fields[i].name, "DKIM-Signature")) continue;
    auto [signature, judgement] = parse_signature(message.fields[i].value, SignatureKind::dkim);
    if (judgement.open()) judgement = judge_time(signature, now);
    if (judgement.open() && message.fields.size() >= most_fields)
      judgement = {Outcome::permerror, "the header has too many fields"};
    if (judgement.open() && out.size() >= most_signatures)
      judgement = {Outcome::neutral, "too many signatures"};
    out.push_back({i, {std::move(signature), std::move(judgement)}, {}});
  }
  return out;
}

/// RFC 6376 §6.1.2 wants the key before the body, so an unusable key is the answer, with a word on
/// the body. But who has a changed body need not wait for a key that could not be asked for.
Judgement both(Judgement by_key, const Judgement& body) {
  const auto outcome = by_key.outcome;
  if (body.open()) return by_key;
  if (outcome == Outcome::permerror || outcome == Outcome::policy) {
    by_key.reason += "; " + body.reason;
    return by_key;
  }
  return body;
}

}  // namespace

Task<std::vector<CheckedField>> verify_signatures(Resolver& dns, std::string_view octets,
                                                  WallTime now, SteadyTime deadline) {
  const SplitMessage message = split_message(octets, most_fields);
  std::vector<Candidate> candidates = find_candidates(message, now);

  KeyLookup keys(dns, deadline);
  for (const auto& candidate : candidates) {
    if (candidate.open()) keys.ask(candidate.checked.signature.key_name);
  }
  BodyHashes body(message.body);
  for (auto& candidate : candidates) {
    if (candidate.open()) candidate.body = body.judge(candidate.checked.signature);
  }
  co_await keys.answered();

  const FieldIndex header(message);
  std::vector<CheckedField> out;
  for (auto& candidate : candidates) {
    CheckedField& checked = candidate.checked;
    if (candidate.open()) {
      const Signature& signature = checked.signature;
      auto verdict = judge_by_key(signature, keys.answer(signature.key_name),
                                  header.signed_octets(signature, candidate.field));
      checked.judgement = both(std::move(verdict.judgement), candidate.body);
      checked.key_bits = verdict.bits;
      checked.testing = verdict.testing;
    }
    out.push_back(std::move(checked));
  }
  co_return out;
}

}  // namespace postern::dkim
