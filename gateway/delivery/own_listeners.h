// own_listeners.h — where this gateway itself can be reached: mail must not be sent there.
//
// A next hop that is one of our own listeners would hand us the message again, until the hop count
// ends it. Address and port must be ours: another server on this machine is a next hop like any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/net/socket.h"
#include "policies/network.h"

namespace postern {

class OwnListeners {
 public:
  OwnListeners() = default;
  /// A listener without an address, on 0.0.0.0 or on ::, stands for `interfaces` and all loopback.
  OwnListeners(std::vector<Endpoint> listeners, std::vector<IpAddress> interfaces)
      : listeners_(std::move(listeners)), interfaces_(std::move(interfaces)) {}

  /// `address` is numeric; what is no address is never ours.
  bool contains(const std::string& address, std::uint16_t port) const;

 private:
  bool is_local(const IpAddress& address) const;

  std::vector<Endpoint> listeners_;
  std::vector<IpAddress> interfaces_;
};

/// The addresses of this machine's interfaces now; none where the system does not tell.
std::vector<IpAddress> interface_addresses();

}  // namespace postern
