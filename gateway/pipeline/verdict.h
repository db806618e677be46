// verdict.h — what a filter answers: an opinion, never an act.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/mail/reply.h"
#include "rules/bayes/lesson.h"

namespace postern {

/// Ordered by severity, so that merging opinions is max, whatever the order of answers.
/// accept: skips the rest of the same stage, nothing else; it can never open a relay.
/// quarantine: kept in the hold queue. discard: answered with 250 and dropped.
enum class Verdict : std::uint8_t { pass, accept, quarantine, discard, defer, reject, hang_up };
std::string_view verdict_name(Verdict verdict);

/// A fact that a filter established: a rule that hit, a listing, a signature's name.
struct Finding {
  std::string name;  // "URI_PHISH", "zen.example.org", "Eicar-Signature"
  double score = 0;  // its weight, where it has one
  std::string text;  // for people
};

/// A change that a filter asks for. Changes are applied once, when the final header block is
/// written: filters, authentication and archive all see the original.
struct Change {
  enum class Kind : std::uint8_t {
    add_field,      // name, value: on top, below our Received
    remove_field,   // name: every field of that name, or "X-*" for all that begin so; with a value,
                    // those that say just that
    replace_field,  // name, value: see HeaderEdit
    redirect,       // value = address: replaces the recipients (of this stage: one, or all)
    add_recipient,  // value = address (BCC): a further recipient, NOTIFY=NEVER
    archive_copy,   // value = address: like add_recipient, but always of the original
    enclose,        // value = a header and what stands before the message, name = what stands
                    // behind it: the message becomes part of another one
  };
  Kind kind = Kind::add_field;
  std::string name;
  std::string value;
};

/// What holds for some recipients only, beside what the opinion says for all.
struct Share {
  std::vector<std::uint32_t> recipients;  // their places in the evidence, from 0
  std::string hold;                       // not empty: kept back for them, and why
  bool spam = false;                      // they are told nothing of it, nor is its sender
  std::vector<Change> changes;            // applied behind those for all
};

struct Opinion {
  Verdict verdict = Verdict::pass;
  Reply reply;         // for defer, reject, hang_up; code 0 = the stage's usual reply
  std::string reason;  // for the log and for the hold queue: which rule, list or map entry
  std::vector<Finding> findings;
  std::vector<Change> changes;
  std::vector<Share> shares;
  std::optional<double> score;               // the message's total, from a filter that scores
  std::optional<double> required;            // the total from which its authors call it spam
  std::shared_ptr<const AutoLesson> lesson;  // what the message teaches; the chain hands it on
};

/// The stricter verdict wins with its reply and reason; findings and changes add up, scores too.
/// Lessons were handed on before.
void merge(Opinion& into, Opinion&& other);

/// `return refuse(Verdict::reject, reply(554, {5, 7, 1}, "…"), "reason for the log");`
Opinion refuse(Verdict verdict, Reply reply, std::string reason);

}  // namespace postern
