// filter_fixture.h — asks one filter, configured from TOML, without sockets and without time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/pipeline/filter.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"

namespace postern::test {

/// Stands still until told otherwise.
class HandClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime{}; }
  SteadyTime steady() const override { return now; }
  SteadyTime now = SteadyTime{} + std::chrono::hours(1000);
};

struct FilterFixture {
  Loop loop;
  FakeResolver dns;
  HandClock clock;
  Evidence evidence;
  std::vector<Problem> problems;
  std::shared_ptr<const FilterFactory> factory;
  std::unique_ptr<Filter> filter;

  FilterFixture() {
    evidence.connection.session = "s1";
    evidence.connection.client = {"192.0.2.1", 40000};
    evidence.connection.client_name = "mail.example.org";
    evidence.helo = "mail.example.org";
    evidence.sender.address = "sender@example.org";
  }

  /// What is wrong lands in `problems`.
  void configure(const FilterType& type, std::string_view toml) {
    problems = read_config_text(toml, "test", [&](Keys& keys) { factory = type.configure(keys); });
    filter = factory ? factory->make() : nullptr;
  }

  Context context() { return {evidence, loop, dns, clock, loop.now() + seconds(10)}; }

  Answer connect() { return run_task(loop, filter->on_connect(context())); }
  Answer helo() { return run_task(loop, filter->on_helo(context())); }
  Answer mail() { return run_task(loop, filter->on_mail(context())); }
  Answer rcpt(std::string address) {
    RecipientFacts recipient{std::move(address)};
    return run_task(loop, filter->on_rcpt(context(), std::move(recipient)));
  }
  Answer message(std::string octets) {
    Message message{std::make_shared<const std::string>(std::move(octets)), "Received: by us\r\n"};
    return run_task(loop, filter->on_message(context(), std::move(message)));
  }
};

/// The values of the changes of a kind, as "name: value", or the value alone where there is no
/// name.
inline std::vector<std::string> changes_of(const Opinion& opinion, Change::Kind kind) {
  std::vector<std::string> out;
  for (const auto& change : opinion.changes) {
    if (change.kind == kind)
      out.push_back(change.name.empty() ? change.value : change.name + ": " + change.value);
  }
  return out;
}

}  // namespace postern::test

namespace std {
inline ostream& operator<<(ostream& out, const vector<string>& texts) {
  for (const auto& text : texts) out << '[' << text << ']';
  return out;
}
}  // namespace std
