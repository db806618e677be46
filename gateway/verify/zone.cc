#include "gateway/verify/zone.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr unsigned most_aliases = 16;

std::string canonical(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return to_lower(name);
}

}  // namespace

void ZoneResolver::add(std::string_view name, RecordType type, DnsRecord record) {
  if (type == RecordType::mx || type == RecordType::ptr || type == RecordType::cname ||
      type == RecordType::ns)
    record.text = canonical(record.text);
  add_name(name);
  auto& records = records_[{canonical(name), type}];
  // Only MX records have preferences; all others stay in order.
  const auto place =
      std::ranges::upper_bound(records, record.preference, {}, &DnsRecord::preference);
  records.insert(place, std::move(record));
}

void ZoneResolver::add_name(std::string_view name) { names_.insert(canonical(name)); }

void ZoneResolver::fail(std::string_view name, RecordType type, std::string error) {
  add_name(name);
  failures_[{canonical(name), type}] = std::move(error);
}

void ZoneResolver::fail_others(std::string_view name, std::string error) {
  add_name(name);
  other_failures_[canonical(name)] = std::move(error);
}

Task<DnsAnswer> ZoneResolver::query(std::string name, RecordType type, SteadyTime) {
  name = canonical(name);
  for (unsigned step = 0; step < most_aliases; ++step) {
    const auto failure = failures_.find({name, type});
    if (failure != failures_.end()) co_return DnsAnswer{DnsStatus::failed, {}, 0, failure->second};
    const auto found = records_.find({name, type});
    if (found != records_.end()) co_return DnsAnswer{DnsStatus::found, found->second, 300, ""};
    const auto alias = records_.find({name, RecordType::cname});
    if (alias != records_.end()) {
      name = alias->second.front().text;
      continue;
    }
    const auto other = other_failures_.find(name);
    if (other != other_failures_.end())
      co_return DnsAnswer{DnsStatus::failed, {}, 0, other->second};
    const auto status = names_.contains(name) ? DnsStatus::no_records : DnsStatus::no_such_name;
    co_return DnsAnswer{status, {}, 60, ""};
  }
  co_return DnsAnswer{DnsStatus::failed, {}, 0, "aliases in a circle"};
}

}  // namespace postern
