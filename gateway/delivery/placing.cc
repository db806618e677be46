#include "gateway/delivery/placing.h"

#include <chrono>

#include "gateway/mail/address.h"

namespace postern {
namespace {

constexpr std::uint16_t smtp_port = 25;

Place waiting_room(const Suspension& suspension, const Placing::Moment& now) {
  Place place;
  place.key = suspension.text();
  place.reason = suspension.text();
  place.suspended_until =
      now.steady + std::chrono::duration_cast<SteadyTime::duration>(suspension.until - now.wall);
  return place;
}

}  // namespace

Result<Scheduler::Destined> Placing::destined(const Letter& letter, std::string_view address,
                                              const Moment& now) {
  auto route = letter.route.empty() ? policies_->routes.route_for(address)
                                    : parse_route(letter.route, address, "");
  if (!route) return std::unexpected(std::move(route).error());
  Scheduler::Destined out;
  const std::string_view domain = domain_of(address);
  const Suspension* suspended = suspensions_.of_sender(letter.sender, now.wall);
  if (!suspended) suspended = suspensions_.of_destination(domain, route->name(), now.wall);
  if (suspended) {
    out.destination = waiting_room(*suspended, now);
  } else {
    out.destination.key = route->destination_key();
    out.destination.names = {std::string(domain), out.destination.key};
    out.destination.transport = route->transport;
    if (route->use_mx) roll_up(*route, out.destination, now.steady);
  }
  out.route = *std::move(route);
  return out;
}

void Placing::roll_up(const Route& route, Place& place, SteadyTime now) {
  const Site* const site = sites_.find(route.host);
  if (!site || site->until <= now) unknown_.emplace(route.host, place.key);
  if (!site || site->key.empty()) return;
  place.key = site->key;
  if (route.port != smtp_port) place.key += ':' + std::to_string(route.port);
  place.names.insert(place.names.end(), site->hosts.begin(), site->hosts.end());
}

template <class Recipients>
Place Placing::all(const Letter& letter, const Recipients& recipients, const Moment& now) {
  Place place;
  recipients([&](std::string_view address) {
    Place next;
    if (auto found = destined(letter, address, now)) {
      next = std::move(found->destination);
    } else {
      next.key = "unroutable";
    }
    if (place.key.empty()) {
      place = std::move(next);
    } else if (place.key != next.key) {
      place = Place{};
      place.key = Place::several;
      return false;
    }
    return true;
  });
  return place;
}

Place Placing::of(const Envelope& envelope, const Moment& now) {
  return all(
      {envelope.sender, envelope.route},
      [&envelope](const auto& ask) {
        for (const QueuedRecipient& recipient : envelope.recipients) {
          if (recipient.open() && !ask(recipient.address)) return;
        }
      },
      now);
}

Place Placing::of(const MessageSummary& message, const Moment& now) {
  return all(
      {message.sender, message.route},
      [&message](const auto& ask) {
        std::string_view rest = message.recipients;
        while (!rest.empty()) {
          const std::size_t end = rest.find('\n');
          if (!ask(rest.substr(0, end)) || end == std::string_view::npos) return;
          rest.remove_prefix(end + 1);
        }
      },
      now);
}

std::map<std::string, std::string> Placing::take_unknown() { return std::exchange(unknown_, {}); }

}  // namespace postern
