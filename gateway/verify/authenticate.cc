#include "gateway/verify/authenticate.h"

#include <memory>
#include <utility>

#include "gateway/mail/field_value.h"
#include "gateway/pipeline/filter.h"
#include "gateway/verify/answer.h"

namespace postern {
namespace {

/// Stands at the message's arrival.
class ArrivalClock final : public Clock {
 public:
  explicit ArrivalClock(WallTime arrival) : arrival_(arrival) {}
  WallTime wall() const override { return arrival_; }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }

 private:
  WallTime arrival_;
};

std::unique_ptr<Filter> with_defaults(std::string_view name) {
  std::shared_ptr<const FilterFactory> factory;
  const auto problems = read_config_text(
      "", "defaults", [&](Keys& keys) { factory = find_filter_type(name)->configure(keys); });
  return problems.empty() && factory ? factory->make() : nullptr;
}

Evidence evidence_of(const ReceivedMessage& message) {
  Evidence evidence;
  evidence.connection.client.host = message.client.text();
  evidence.helo = message.helo;
  evidence.sender.address = message.sender;
  return evidence;
}

}  // namespace

Result<std::string> authenticate(Resolver& dns, const ReceivedMessage& message) {
  Loop loop;
  const ArrivalClock clock(message.time);
  Evidence evidence = evidence_of(message);
  const Message received{std::make_shared<const std::string>(message.octets), ""};
  std::string value;
  for (const std::string_view name : {"spf", "dkim", "dmarc"}) {
    const auto filter = with_defaults(name);
    if (!filter) return fail(std::errc::not_supported, std::string(name) + " is not built in");
    const Context context{evidence, loop, dns, clock, loop.now() + std::chrono::hours(1)};
    Answer answer = answer_at_once(name == "spf" ? filter->on_mail(context)
                                                 : filter->on_message(context, received));
    if (!answer) return std::unexpected(answer.error());
    for (Finding& finding : answer->findings)
      evidence.findings.push_back({std::string(name), std::move(finding)});
    for (const Change& change : answer->changes)
      if (change.kind == Change::Kind::add_field) value = change.value;
  }
  for (char& c : value)
    if (c == '\t') c = ' ';
  return plain_field_value(value);
}

}  // namespace postern
