// shares.h — who holds how much of the active queue: messages by destination, sender and client.
//
// As large as the active queue at most, whatever strangers do: a key without messages is forgotten.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/queue/envelope.h"

namespace postern {

class Shares {
 public:
  void add(const Envelope& envelope, std::string_view destination) {
    change(envelope, destination, 1);
  }
  void drop(const Envelope& envelope, std::string_view destination) {
    change(envelope, destination, -1);
  }

  /// Whether a further message would give any of the three more than `most` messages.
  bool over(std::string_view sender, std::string_view client, std::string_view destination,
            std::int64_t most) const {
    return of(senders_, sender) >= most || of(clients_, client) >= most ||
           of(destinations_, destination) >= most;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Counts = std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>>;

  static std::int64_t of(const Counts& counts, std::string_view key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  }
  static void change(Counts& counts, std::string_view key, std::int64_t by) {
    // All bounces have the same sender, and mail to several destinations has none: nobody's share.
    if (key.empty()) return;
    auto found = counts.find(key);
    if (found == counts.end()) found = counts.emplace(std::string(key), 0).first;
    if ((found->second += by) <= 0) counts.erase(found);
  }
  void change(const Envelope& envelope, std::string_view destination, std::int64_t by) {
    change(senders_, envelope.sender, by);
    change(clients_, envelope.client_address, by);
    change(destinations_, destination, by);
  }

  Counts senders_, clients_, destinations_;
};

}  // namespace postern
