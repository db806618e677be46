#include "filters/arc/chain.h"

#include <utility>

#include "filters/arc/sets.h"
#include "filters/dkim/body_hashes.h"
#include "filters/dkim/key_lookup.h"
#include "filters/dkim/signed_header.h"
#include "filters/dkim/verify.h"

namespace postern::arc {
namespace {

using dkim::Canon;
using dkim::Judgement;
using dkim::Outcome;

// Each seal covers all before it: with fifty sets this bounds the work to 50 MiB of hashing.
constexpr std::size_t largest_chain = 1 << 20;

std::string numbered(std::size_t instance, const char* what, const Judgement& judgement) {
  return "i=" + std::to_string(instance) + " " + what + ": " + judgement.reason;
}

Judgement judge_newest(const Set& newest, const dkim::FieldIndex& header, const Judgement& body,
                       const dkim::KeyLookup& keys) {
  if (!body.open()) return body;
  const dkim::Signature& signature = newest.message_signature;
  return dkim::judge_by_key(signature, keys.answer(signature.key_name),
                            header.signed_octets(signature, newest.message))
      .judgement;
}

/// §5.1.1: all sets up to this one, its own seal last and without its signature. "" where all hold.
std::string judge_seals(const SplitMessage& message, const std::vector<Set>& sets,
                        const dkim::KeyLookup& keys) {
  std::string covered;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const Set& set = sets[i];
    const HeaderField& seal = message.fields[set.seal];
    dkim::append_canonical_field(covered, message.fields[set.results].whole, Canon::relaxed);
    dkim::append_canonical_field(covered, message.fields[set.message].whole, Canon::relaxed);
    if (covered.size() > largest_chain) return "the chain is too large";
    const std::size_t before = covered.size();
    dkim::append_canonical_field(covered, dkim::without_signature(seal.whole, seal.value),
                                 Canon::relaxed);
    covered.resize(covered.size() - 2);  // without its line end
    const dkim::Signature& signature = set.seal_signature;
    const auto verdict = dkim::judge_by_key(signature, keys.answer(signature.key_name), covered);
    if (verdict.judgement.outcome != Outcome::pass)
      return numbered(i + 1, "seal", verdict.judgement);
    covered.resize(before);
    dkim::append_canonical_field(covered, seal.whole, Canon::relaxed);
  }
  return "";
}

}  // namespace

Task<Chain> verify_chain(Resolver& dns, std::string_view octets, WallTime now,
                         SteadyTime deadline) {
  const SplitMessage message = split_message(octets, dkim::most_fields);
  Sets found = find_sets(message);
  Chain out;
  out.instances = found.instances;
  if (found.instances == 0 && found.problem.empty()) co_return out;
  out.state = "fail";
  out.reason = std::move(found.problem);
  if (message.fields.size() >= dkim::most_fields) out.reason = "the header has too many fields";
  if (!out.reason.empty()) co_return out;

  const Set& newest = found.sets.back();
  dkim::KeyLookup keys(dns, deadline);
  keys.ask(newest.message_signature.key_name);
  for (const Set& set : found.sets) keys.ask(set.seal_signature.key_name);
  Judgement body = dkim::judge_time(newest.message_signature, now);
  dkim::BodyHashes hashes(message.body);
  if (body.open()) body = hashes.judge(newest.message_signature);
  co_await keys.answered();

  const dkim::FieldIndex header(message);
  const auto judgement = judge_newest(newest, header, body, keys);
  if (judgement.outcome != Outcome::pass) {
    out.reason = numbered(found.sets.size(), "message signature", judgement);
    co_return out;
  }
  out.reason = judge_seals(message, found.sets, keys);
  if (!out.reason.empty()) co_return out;
  out.state = "pass";
  out.domain = newest.seal_signature.domain;
  out.selector = newest.seal_signature.selector;
  co_return out;
}

}  // namespace postern::arc
