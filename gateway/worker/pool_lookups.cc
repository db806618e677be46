// pool_lookups.cc — a worker's questions to the DNS and to Pyzor, asked on its behalf.
//
// A worker that was taken over could use them to whisper to the outside, a name or a digest at a
// time. Their number is bounded for each message, so that this stays a whisper; where a kind of
// worker needs none (`lookups` 0), the first one ends it.
#include <algorithm>
#include <utility>

#include "gateway/worker/channel.h"
#include "gateway/worker/lookup.h"
#include "gateway/worker/pool_parts.h"

namespace postern {

bool WorkerPool::may_look_up(const WorkerPointer& worker, const Frame& frame) {
  Job* job = worker->job;
  if (job == nullptr || frame.header.id != job->id || !job->asked)
    return lose(worker, Loss::garbled, "a lookup for another question"), false;
  if (++job->lookups > settings_.lookups)
    return lose(worker, Loss::garbled, "more lookups than a message may cost"), false;
  return true;
}

bool WorkerPool::look_up(const WorkerPointer& worker, const Frame& frame) {
  auto lookup = decode_lookup(frame.body);
  if (!lookup) return lose(worker, Loss::garbled, lookup.error().what), false;
  if (!may_look_up(worker, frame)) return false;
  const Job& job = *worker->job;
  const SteadyTime until = std::min(frame.header.deadline, job.deadline);
  watchers_.spawn(answer_lookup(worker, job.id, *std::move(lookup), job.dns, until));
  return true;
}

bool WorkerPool::look_up_digest(const WorkerPointer& worker, const Frame& frame) {
  auto lookup = decode_digest_lookup(frame.body);
  if (!lookup) return lose(worker, Loss::garbled, lookup.error().what), false;
  if (!may_look_up(worker, frame)) return false;
  const Job& job = *worker->job;
  const SteadyTime until = std::min(frame.header.deadline, job.deadline);
  watchers_.spawn(answer_digest(worker, job.id, *std::move(lookup), job.dns, until));
  return true;
}

Task<> WorkerPool::answer_lookup(WorkerPointer worker, std::uint64_t question, Lookup lookup,
                                 Resolver& dns, SteadyTime deadline) {
  const DnsAnswer answer = co_await dns.query(std::move(lookup.name), lookup.type, deadline);
  auto body = encode_records(lookup.number, answer);
  co_await say(worker, question, FrameKind::records, std::move(body), deadline);
}

Task<> WorkerPool::answer_digest(WorkerPointer worker, std::uint64_t question, DigestLookup lookup,
                                 Resolver& dns, SteadyTime deadline) {
  const auto count = co_await dns.digest_count(std::move(lookup.digest), deadline);
  auto body = encode_digest_count({lookup.number, count});
  co_await say(worker, question, FrameKind::digest_count, std::move(body), deadline);
}

/// What it was told meanwhile goes out with it.
Task<> WorkerPool::say(WorkerPointer worker, std::uint64_t question, FrameKind kind,
                       std::string body, SteadyTime deadline) {
  if (worker->job == nullptr || worker->job->id != question) co_return;  // it did not wait
  worker->outgoing += encode_frame({kind, 0, question, 0, {}}, body);
  if (std::exchange(worker->sending, true)) co_return;
  while (!worker->outgoing.empty() && worker->state == Worker::State::busy) {
    std::string octets = std::exchange(worker->outgoing, {});
    co_await send(worker, std::move(octets), -1, worker->job ? worker->job->deadline : deadline);
  }
  worker->sending = false;
}

}  // namespace postern
