#include "gateway/delivery/own_listeners.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>

namespace postern {
namespace {

bool is_unspecified(const IpAddress& address) {
  return std::ranges::all_of(address.octets(), [](std::uint8_t octet) { return octet == 0; });
}

std::optional<IpAddress> address_of(const sockaddr* from) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from == nullptr) return std::nullopt;
  if (from->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(from);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (from->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(from);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
  }
  return IpAddress::parse(text.data());
}

}  // namespace

bool OwnListeners::is_local(const IpAddress& address) const {
  return address.is_loopback() || std::ranges::find(interfaces_, address) != interfaces_.end();
}

bool OwnListeners::contains(const std::string& address, std::uint16_t port) const {
  auto wanted = IpAddress::parse(address);
  if (!wanted) return false;
  // The system takes a connection to "any address" to this machine.
  if (is_unspecified(*wanted)) wanted = IpAddress::parse(wanted->is_v4() ? "127.0.0.1" : "::1");
  return std::ranges::any_of(listeners_, [&](const Endpoint& listener) {
    if (listener.port != port || listener.is_unix()) return false;
    const auto own = IpAddress::parse(listener.host);
    return !own || is_unspecified(*own) ? is_local(*wanted) : *own == *wanted;
  });
}

std::vector<IpAddress> interface_addresses() {
  std::vector<IpAddress> out;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
    if (const auto address = address_of(one->ifa_addr)) out.push_back(*address);
  }
  return out;
}

}  // namespace postern
