#include "gateway/worker/settings.h"

namespace postern {

void describe(WorkerSettings& s, Keys& keys) {
  keys.integer(
      "scan_workers", s.scan_workers, 0, 256,
      "Processes that read message content (MIME, HTML, rules). 0 means one for each core.");
  keys.integer("av_workers", s.av_workers, 0, 256,
               "Processes that scan for viruses; they share the signatures' memory. 0 means one "
               "for each core.");
  keys.duration(
      "scan_deadline", s.scan_deadline, milliseconds(10), seconds(3600),
      "Time that a worker has for one message; then it is killed and the message is tried once on "
      "another, if the filter's own deadline leaves time for that.");
  keys.integer(
      "waiting_limit", s.waiting_limit, 1, 1'000'000,
      "Messages that may wait for a free worker, for each thread and kind; above, the filter's "
      "on_failure answers at once.");
  keys.size(
      "memory", s.memory, 64ULL << 20, 1ULL << 40,
      "What a worker may use beyond what it starts with (rules, signatures). A message that needs "
      "more ends its worker, and on_failure answers.");
  keys.choice(
      "sandbox", s.sandbox, {"required", "best-effort"},
      "required: a worker that cannot be confined by both landlock and seccomp does not serve. "
      "best-effort: it serves with what the kernel has; the log names what is missing.");
}

}  // namespace postern
