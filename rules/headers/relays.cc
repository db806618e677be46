#include "rules/headers/relays.h"

#include <fmt/format.h>

#include "rules/headers/capture_pattern.h"
#include "rules/headers/ip_address.h"
#include "rules/headers/prepared_patterns.h"
#include "rules/headers/received_line.h"

namespace postern {
namespace {

/// Where trust ends, hop by hop from the top.
class TrustPath {
 public:
  explicit TrustPath(const NetworkSettings& settings)
      : settings_(settings),
        // Each list stands in for the other where only one is configured.
        trusted_(settings.trusted_configured || !settings.internal_configured ? settings.trusted
                                                                              : settings.internal),
        internal_(settings.internal_configured || !settings.trusted_configured ? settings.internal
                                                                               : settings.trusted),
        configured_(settings.trusted_configured || settings.internal_configured) {}

  void pass(Relay& relay) {
    if (trusts && !found_msa_) {
      if (configured_) {
        compare(relay);
      } else if (!relay.ip_private && relay.auth.empty()) {
        // Nothing is known: private networks and authenticated senders are ours, and the rest not.
        trusts = is_internal = false;
      }
    }
    relay.internal = is_internal;
  }

  bool trusts = true;
  bool is_internal = true;

 private:
  void compare(Relay& relay) {
    const bool authenticated = !relay.auth.empty();
    if (!authenticated && !trusted_.contains(relay.ip)) {
      trusts = is_internal = false;
      return;
    }
    if (is_internal && !authenticated && !internal_.contains(relay.ip)) is_internal = false;
    // Whoever hands mail to a submission server is trusted by it, so everything below it is too.
    relay.msa = found_msa_ = settings_.msa.contains(relay.ip);
  }

  const NetworkSettings& settings_;
  const NetworkSet& trusted_;
  const NetworkSet& internal_;
  bool configured_;
  bool found_msa_ = false;
};

const CapturePattern& any_address() {
  static const CapturePattern address("(" + ip_address_pattern() + ")");
  return address;
}

/// "X-Originating-IP: [1.2.3.4]" stands for a hop from there to nowhere that is known.
std::optional<std::string> as_received(std::string_view originating) {
  Captures found;
  if (!any_address().matches(originating, found)) return {};
  return fmt::format("from X-Originating-IP: {}", *found[1]);
}

}  // namespace

Relays::Relays(const std::vector<std::string_view>& received,
               const std::vector<std::string_view>& originating, const NetworkSettings& settings) {
  std::vector<std::string> made;
  for (const auto value : originating) {
    if (auto field = as_received(value)) made.push_back(std::move(*field));
  }
  std::vector<std::string_view> fields = received;
  fields.insert(fields.end(), made.begin(), made.end());

  TrustPath path(settings);
  bool fetching_may_restart = true;
  std::optional<std::string> sender_of_next;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto line = read_received(fields[i]);
    auto sender = std::exchange(sender_of_next, std::move(line.sender_of_next));
    if (line.meaning == ReceivedLine::Meaning::unparseable) ++unparseable_;
    if (line.meaning == ReceivedLine::Meaning::fetched && fetching_may_restart) {
      // Somebody of ours fetched the mail: the way starts behind that.
      trusted_.clear();
      internal_.clear();
      external_.clear();
    }
    if (line.meaning != ReceivedLine::Meaning::hop) {
      last_trusted_ += path.trusts ? 1 : 0;
      last_internal_ += path.is_internal ? 1 : 0;
      continue;
    }
    auto& relay = line.relay;
    relay.field = i;
    if (sender && !sender->empty() && *sender != "0") relay.envfrom = std::move(sender);
    path.pass(relay);
    last_trusted_ += path.trusts ? 1 : 0;
    last_internal_ += path.is_internal ? 1 : 0;
    fetching_may_restart = path.trusts;
    (path.trusts ? trusted_ : untrusted_).push_back(relay);
    (path.is_internal ? internal_ : external_).push_back(std::move(relay));
  }
}

std::string Relays::text_of(const std::vector<Relay>& relays) {
  std::string out;
  for (const auto& relay : relays) {
    const std::string_view sender = relay.envfrom ? std::string_view(*relay.envfrom) : "";
    if (!out.empty()) out += ' ';
    fmt::format_to(std::back_inserter(out),
                   "[ ip={} rdns={} helo={} by={} ident={} envfrom={} intl={:d} id={} auth={}"
                   " msa={:d} ]",
                   relay.ip, relay.rdns, relay.helo, relay.by, relay.ident,
                   sender == "0" ? "" : sender, relay.internal, relay.id, relay.auth, relay.msa);
  }
  return out;
}

void prepare_relays() { any_address(); }

}  // namespace postern
