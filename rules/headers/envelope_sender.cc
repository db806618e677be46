// Who sent the message by its envelope: HeaderValues' part that follows get_envelope_from of
// PerMsgStatus.pm.
#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/headers/header_value.h"

namespace postern {

bool HeaderValues::stands_below_received(std::string_view name) {
  bool received = false;
  for (const auto& field : fields_) {
    received = received || equals_ignoring_case(field.name, "received");
    if (received && equals_ignoring_case(field.name, name)) return true;
  }
  return false;
}

std::optional<std::string> HeaderValues::envelope_sender() {
  if (input_.envelope_from) return std::string(*input_.envelope_from);
  const auto usable = [](const std::string& sender) {
    const auto at = sender.find('@');
    return sender.empty() || (at != std::string::npos && at > 0);
  };
  if (!input_.networks.envelope_sender_header.empty()) {
    const auto& values =
        value_of(HeaderSource{.name = to_lower(input_.networks.envelope_sender_header),
                              .part = HeaderSource::Part::addresses,
                              .choice = HeaderSource::Choice::first})
            .list;
    if (values.empty() || !usable(values.front())) return {};
    return values.front();
  }
  const Relay* const last_hop = !relays().untrusted().empty() ? &relays().untrusted().front()
                                : !relays().trusted().empty() ? &relays().trusted().back()
                                                              : nullptr;
  if (last_hop != nullptr && last_hop->envfrom && usable(*last_hop->envfrom))
    return last_hop->envfrom;
  return guessed_envelope_sender();
}

/// Fields in which delivering programs leave the sender count while no Received field stands above
/// them: below one they are somebody else's.
std::optional<std::string> HeaderValues::guessed_envelope_sender() {
  const auto& x_sender = list("X-Sender:first:addr");
  if (!x_sender.empty() && x_sender.front().find('@') != std::string::npos) {
    // fetchmail takes a mailing list's X-Sender for the envelope's sender.
    for (const auto& received : list("Received"))
      if (received.find("(fetchmail") != std::string::npos) return {};
  }
  struct Place {
    std::string_view name, source;
    bool ends_the_search;
  };
  static constexpr std::array places = {
      Place{"X-Envelope-From", "X-Envelope-From:first:addr", true},
      Place{"Envelope-Sender", "Envelope-Sender:first:addr", false},
      Place{"Return-Path", "Return-Path:first:addr", false},
  };
  for (const auto& place : places) {
    const auto& values = list(place.source);
    if (values.empty()) continue;
    if (!stands_below_received(place.name)) return values.front();
    if (place.ends_the_search) return {};
  }
  return {};
}

}  // namespace postern
