#include "gateway/worker/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "gateway/worker/answer.h"
#include "gateway/worker/channel.h"
#include "gateway/worker/frame.h"
#include "gateway/worker/lookup.h"
#include "gateway/worker/request.h"

namespace postern {
namespace {

rusage used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

// An exception here is most often the memory limit, and belongs to this one message.
Task<> keep_result(Task<Answer> question, std::optional<Answer>& into) {
  try {
    into = co_await std::move(question);
  } catch (const std::bad_alloc&) {
    into = fail(std::errc::not_enough_memory, "out of memory");
  } catch (const std::exception& error) {
    into = fail(std::errc::io_error, error.what());
  }
}

struct Arrived {
  std::string octets;
  UniqueFd descriptor;
};

// Reads exactly `size` octets and at most one descriptor. An empty answer: the channel is closed.
Result<Arrived> read_exactly(int channel, std::size_t size) {
  Arrived arrived;
  arrived.octets.resize(size);
  std::size_t have = 0;
  while (have < size) {
    TRY(auto part, receive_with(channel, std::span(arrived.octets).subspan(have)));
    if (!part) return fail(std::errc::bad_message, "the channel does not block");
    if (part->octets == 0 && have == 0) return Arrived{};
    if (part->octets == 0) return fail(std::errc::bad_message, "a frame was cut off");
    have += part->octets;
    if (part->descriptors.size() > 1 || (!part->descriptors.empty() && arrived.descriptor)) {
      return fail(std::errc::bad_message, "too many descriptors");
    }
    if (!part->descriptors.empty()) arrived.descriptor = std::move(part->descriptors.front());
  }
  return arrived;
}

}  // namespace

Server::Server(int channel, std::vector<ServedFilter> filters, ServeLimits limits)
    : channel_(channel),
      filters_(std::move(filters)),
      limits_(limits),
      loop_(new Loop),
      first_size_(used().ru_maxrss) {}

int Server::run(std::uint64_t token, const std::string& sandbox) {
  const ReadyNote note{static_cast<std::uint32_t>(::getpid()), sandbox};
  if (!write_all(channel_, encode_frame({FrameKind::ready, 0, token, 0, {}}, encode_ready(note))))
    return 1;
  Next next = Next::more;
  while (next == Next::more) next = serve_one();
  return next == Next::end ? 0 : 1;
}

Server::Next Server::serve_one() {
  auto head = read_exactly(channel_, frame_header_size);
  if (!head) return Next::broken;
  if (head->octets.empty()) return Next::end;
  const auto header = decode_header(head->octets, largest_ask);
  if (!header || header->kind != FrameKind::ask) return Next::broken;
  auto body = read_exactly(channel_, header->size);
  if (!body || body->octets.empty() || body->descriptor) return Next::broken;

  const Answer result = answer(body->octets, head->descriptor, *header);
  const bool out_of_memory = !result && result.error().code == std::errc::not_enough_memory;
  const bool last = out_of_memory || old();
  const FrameHeader reply{result ? FrameKind::answer : FrameKind::failure,
                          last ? frame_is_last : std::uint8_t{0},
                          header->id,
                          0,
                          {}};
  const std::string said = result ? encode_opinion(*result) : encode_failure(result.error());
  if (!write_all(channel_, encode_frame(reply, said))) return Next::broken;
  return last ? Next::end : Next::more;
}

Answer Server::answer(const std::string& body, const UniqueFd& content, const FrameHeader& header) {
  try {
    TRY(Request request, decode_request(body, content));
    const auto named = [&](const ServedFilter& filter) { return filter.name == request.filter; };
    const auto served = std::ranges::find_if(filters_, named);
    if (served == filters_.end()) {
      return fail(std::errc::invalid_argument, "this worker has no filter " + request.filter);
    }
    LookupResolver resolver(channel_, header.id);
    const SystemClock clock;
    const std::unique_ptr<Filter> filter = served->factory->make();
    const Context context{request.evidence, *loop_, resolver, clock, header.deadline};
    return run(filter->on_message(context, request.message), resolver);
  } catch (const std::bad_alloc&) {
    return fail(std::errc::not_enough_memory, "out of memory");
  }
}

// Runs a filter to its end on the spot. Where it waits for the DNS, so does the worker.
Answer Server::run(Task<Answer> question, LookupResolver& resolver) {
  TaskGroup group;
  std::optional<Answer> result;
  group.spawn(keep_result(std::move(question), result));
  while (!result && resolver.waiting()) {
    if (!read_records(resolver)) return fail(std::errc::not_connected, "the gateway has gone");
  }
  if (result) return *std::move(result);
  return fail(std::errc::state_not_recoverable,
              "the filter waits for something that cannot happen here");
}

bool Server::read_records(LookupResolver& resolver) {
  const auto head = read_exactly(channel_, frame_header_size);
  if (!head || head->octets.empty() || head->descriptor) return false;
  const auto header = decode_header(head->octets, largest_records);
  if (!header) return false;
  const auto body = read_exactly(channel_, header->size);
  return body && !body->descriptor && resolver.take(*header, body->octets);
}

bool Server::old() const {
  const rusage now = used();
  const auto grown =
      static_cast<std::uint64_t>(std::max<std::int64_t>(now.ru_maxrss - first_size_, 0)) * 1024;
  return now.ru_utime.tv_sec + now.ru_stime.tv_sec >= limits_.processor_time.count() ||
         grown > limits_.growth;
}

}  // namespace postern
