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
#include "gateway/worker/request.h"

namespace postern {
namespace {

class RefusingResolver final : public Resolver {
 public:
  Task<DnsAnswer> query(std::string, RecordType, SteadyTime) override {
    co_return DnsAnswer{DnsStatus::failed, {}, 0, "there is no network in a worker"};
  }
};

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

// Runs a filter to its end on the spot: nothing in a worker waits.
Answer run_now(Task<Answer> question) {
  TaskGroup group;
  std::optional<Answer> result;
  group.spawn(keep_result(std::move(question), result));
  if (result) return *std::move(result);
  return fail(std::errc::state_not_recoverable,
              "the filter waits for something that cannot happen here");
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
  if (!send(encode_frame({FrameKind::ready, 0, token, 0, {}}, encode_ready(note)))) return 1;
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

  const Answer result = answer(body->octets, head->descriptor, header->deadline);
  const bool out_of_memory = !result && result.error().code == std::errc::not_enough_memory;
  const bool last = out_of_memory || old();
  const FrameHeader reply{result ? FrameKind::answer : FrameKind::failure,
                          last ? frame_is_last : std::uint8_t{0},
                          header->id,
                          0,
                          {}};
  const std::string said = result ? encode_opinion(*result) : encode_failure(result.error());
  if (!send(encode_frame(reply, said))) return Next::broken;
  return last ? Next::end : Next::more;
}

Answer Server::answer(const std::string& body, const UniqueFd& content, SteadyTime deadline) {
  try {
    TRY(Request request, decode_request(body, content));
    const auto named = [&](const ServedFilter& filter) { return filter.name == request.filter; };
    const auto served = std::ranges::find_if(filters_, named);
    if (served == filters_.end()) {
      return fail(std::errc::invalid_argument, "this worker has no filter " + request.filter);
    }
    RefusingResolver resolver;
    const SystemClock clock;
    const std::unique_ptr<Filter> filter = served->factory->make();
    const Context context{request.evidence, *loop_, resolver, clock, deadline};
    return run_now(filter->on_message(context, request.message));
  } catch (const std::bad_alloc&) {
    return fail(std::errc::not_enough_memory, "out of memory");
  }
}

bool Server::send(const std::string& octets) const {
  std::string_view rest = octets;
  while (!rest.empty()) {
    const ssize_t written = ::write(channel_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool Server::old() const {
  const rusage now = used();
  const auto grown =
      static_cast<std::uint64_t>(std::max<std::int64_t>(now.ru_maxrss - first_size_, 0)) * 1024;
  return now.ru_utime.tv_sec + now.ru_stime.tv_sec >= limits_.processor_time.count() ||
         grown > limits_.growth;
}

}  // namespace postern
