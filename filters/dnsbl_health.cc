#include "filters/dnsbl_health.h"

#include <array>
#include <optional>

#include "gateway/base/log.h"
#include "policies/network.h"

namespace postern {
namespace {

constexpr Event zone_ignored{
    "dnsbl-zone-ignored", Level::warning,
    "A DNS list failed its test and is ignored: nothing is blocked by it. Ask its provider, "
    "check that your resolver is not a public one, or remove it from dnsbl_sites."};
constexpr Event zone_works{"dnsbl-zone-works", Level::info,
                           "A DNS list passed its test and is believed again."};

constexpr seconds between_tests = std::chrono::minutes(10);
constexpr seconds before_retry{10};  // after a test without a result

// RFC 5782 §5: the entries that a list must have and must not have, for IPv4 and for IPv6. Lists of
// only one family are lists, too.
constexpr std::array<std::string_view, 2> always_listed{"127.0.0.2", "::ffff:7f00:2"};
constexpr std::array<std::string_view, 2> never_listed{"127.0.0.1", "::ffff:7f00:1"};

Task<void> ask(Resolver& dns, std::string name, SteadyTime deadline, ZoneAnswer& out) {
  out = read_zone_answer(co_await dns.query(std::move(name), RecordType::a, deadline));
}

/// The mapped addresses as nibbles: IpAddress would make IPv4 of them.
std::string test_name(std::string_view address, const std::string& zone) {
  const std::string reverse = reverse_name(std::string(address));
  return reverse.substr(0, reverse.rfind('.', reverse.rfind('.') - 1)) + "." + zone;
}

}  // namespace

ZoneAnswer read_zone_answer(const DnsAnswer& answer) {
  ZoneAnswer out;
  out.failed = answer.status == DnsStatus::failed;
  if (answer.status != DnsStatus::found) return out;
  for (const auto& record : answer.records) {
    const auto address = IpAddress::parse(record.text);
    if (!address || !address->is_v4()) continue;
    const auto octets = address->octets();
    if (octets[0] != 127) continue;
    if (octets[1] == 255 && octets[2] == 255) {
      out.refused = true;
    } else {
      out.listings.push_back({octets[0], octets[1], octets[2], octets[3]});
    }
  }
  return out;
}

struct DnsblHealth::Questions {
  std::array<ZoneAnswer, 2> must;
  std::array<ZoneAnswer, 2> must_not;
};

DnsblHealth::DnsblHealth(std::string zone, std::string shown)
    : zone_(std::move(zone)),
      shown_(std::move(shown)),
      believed_(gauge("postern_dnsbl_zone_believed",
                      "1: the DNS list passed its last test; 0: it is ignored.",
                      {{"zone", shown_}})) {}

// Until something is known every session tests, for none may believe the zone (the resolver makes
// one question of theirs). Later the first one to come tests for all.
bool DnsblHealth::claim(SteadyTime now) {
  auto due = next_test_.load();
  if (now.time_since_epoch().count() < due) return false;
  if (standing_ == Standing::unknown) return true;
  return next_test_.compare_exchange_strong(due, (now + between_tests).time_since_epoch().count());
}

Task<void> DnsblHealth::test_if_due(Context context, SteadyTime deadline) {
  if (!claim(context.clock.steady())) co_return;
  Questions answers;
  TaskGroup group;
  for (std::size_t i = 0; i < always_listed.size(); ++i) {
    group.spawn(ask(context.dns, test_name(always_listed[i], zone_), deadline, answers.must[i]));
    group.spawn(ask(context.dns, test_name(never_listed[i], zone_), deadline, answers.must_not[i]));
  }
  co_await group.empty();
  conclude(answers, context.clock.steady());
}

void DnsblHealth::conclude(const Questions& answers, SteadyTime now) {
  const auto& [must4, must6] = answers.must;
  const auto& [not4, not6] = answers.must_not;
  if (must4.refused || must6.refused || not4.refused) {
    return set(Standing::bad, "answers with an error code of its provider, 127.255.255.x", now);
  }
  if (!not4.listings.empty() || !not6.listings.empty()) {
    return set(Standing::bad, "lists 127.0.0.1, and so perhaps everything", now);
  }
  const bool listed = !must4.listings.empty() || !must6.listings.empty();
  if (listed && !not4.failed) return set(Standing::good, "", now);
  if (must4.failed || must6.failed || not4.failed) return set_next_test(now + before_retry);
  set(Standing::bad, "does not list its test entry 127.0.0.2", now);
}

void DnsblHealth::refused(const Context& context) {
  if (!believed()) return;
  set(Standing::bad, "answers with an error code of its provider, 127.255.255.x",
      context.clock.steady());
}

void DnsblHealth::set(Standing standing, std::string_view why, SteadyTime now) {
  const Standing before = standing_.exchange(standing);
  set_next_test(now + between_tests);
  believed_.set(standing == Standing::good ? 1 : 0);
  if (before == standing) return;
  if (standing == Standing::bad) log(zone_ignored, {{"zone", shown_}, {"reason", why}});
  if (standing == Standing::good && before == Standing::bad) log(zone_works, {{"zone", shown_}});
}

void DnsblHealth::set_next_test(SteadyTime when) { next_test_ = when.time_since_epoch().count(); }

}  // namespace postern
