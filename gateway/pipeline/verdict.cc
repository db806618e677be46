#include "gateway/pipeline/verdict.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::accept:
      return "accept";
    case Verdict::quarantine:
      return "quarantine";
    case Verdict::discard:
      return "discard";
    case Verdict::defer:
      return "defer";
    case Verdict::reject:
      return "reject";
    case Verdict::hang_up:
      return "hang_up";
  }
  return "?";
}

void merge(Opinion& into, Opinion&& other) {
  if (other.verdict > into.verdict) {
    into.verdict = other.verdict;
    into.reply = std::move(other.reply);
    into.reason = std::move(other.reason);
  }
  std::ranges::move(other.findings, std::back_inserter(into.findings));
  std::ranges::move(other.changes, std::back_inserter(into.changes));
  std::ranges::move(other.shares, std::back_inserter(into.shares));
  if (other.score) into.score = into.score.value_or(0) + *other.score;
  if (other.required)
    into.required = std::min(into.required.value_or(*other.required), *other.required);
}

Opinion refuse(Verdict verdict, Reply reply, std::string reason) {
  Opinion out;
  out.verdict = verdict;
  out.reply = std::move(reply);
  out.reason = std::move(reason);
  return out;
}

}  // namespace postern
