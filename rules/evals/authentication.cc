// SPF.pm and DMARC.pm of SpamAssassin 4.0.1, answering from what the gateway found out; without
// that as they answer where there is no network.
#include <algorithm>
#include <array>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/received_spf.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

struct SpfStanding {
  explicit SpfStanding(ScannedMessage& message) {
    if (const auto* const known = message.input().authentication) {
      result = {known->spf_sender, known->spf_helo};
    }
    if (!result.sender || !result.helo) add_written(message);
    find_sender(message);
  }

  WrittenSpf result;
  std::optional<std::string> sender;  // whom SPF was asked about

 private:
  void add_written(ScannedMessage& message) {
    const auto& settings = message.settings().authentication;
    if (settings.ignore_received_spf) return;
    auto fields = message.headers().list("ALL-INTERNAL");
    if (!settings.newest_received_spf) std::ranges::reverse(fields);
    const auto written = read_written_spf(fields);
    if (!result.sender) result.sender = written.sender;
    if (!result.helo) result.helo = written.helo;
  }

  void find_sender(ScannedMessage& message) {
    auto& headers = message.headers();
    const auto& relays = headers.relays();
    if (!relays.external().empty() && relays.external().front().envfrom) {
      sender = to_lower(*relays.external().front().envfrom);
    } else if (relays.trusted().empty() ||
               message.settings().networks.always_trust_envelope_sender) {
      const auto& found = headers.list("EnvelopeFrom:addr");
      if (!found.empty()) sender = to_lower(found.front());
    }
  }
};

template <SpfResult wanted>
double sender_has(ScannedMessage& message) {
  return message.memo<SpfStanding>().result.sender == wanted;
}

template <SpfResult wanted>
double helo_has(ScannedMessage& message) {
  return message.memo<SpfStanding>().result.helo == wanted;
}

double check_spf_skipped_noenvfrom(ScannedMessage& message) {
  return !message.memo<SpfStanding>().sender;
}

bool is_welcome(ScannedMessage& message, std::string_view by_spf, std::string_view by_any) {
  const auto& spf = message.memo<SpfStanding>();
  if (spf.result.sender != SpfResult::pass || spf.sender.value_or("").empty()) return false;
  const auto& lists = message.settings().lists;
  return lists.find(by_spf)->matches(*spf.sender) || lists.find(by_any)->matches(*spf.sender);
}

double check_for_spf_welcomelist_from(ScannedMessage& message) {
  return is_welcome(message, "welcomelist_from_spf", "welcomelist_auth");
}
double check_for_def_spf_welcomelist_from(ScannedMessage& message) {
  return is_welcome(message, "def_welcomelist_from_spf", "def_welcomelist_auth");
}

const DmarcResult* dmarc_of(ScannedMessage& message) {
  const auto* const known = message.input().authentication;
  return known != nullptr && known->dmarc ? &*known->dmarc : nullptr;
}

double check_dmarc_pass(ScannedMessage& message) {
  const auto* const dmarc = dmarc_of(message);
  return dmarc != nullptr && dmarc->pass && dmarc->policy != DmarcResult::Policy::absent;
}

double check_dmarc_missing(ScannedMessage& message) {
  const auto* const dmarc = dmarc_of(message);
  return dmarc != nullptr && dmarc->policy == DmarcResult::Policy::absent;
}

template <DmarcResult::Policy policy>
double fails_with(ScannedMessage& message) {
  const auto* const dmarc = dmarc_of(message);
  return dmarc != nullptr && !dmarc->pass && dmarc->policy == policy;
}

constexpr std::array functions{
    EvalFunction{"check_for_spf_pass", bind_plain<sender_has<SpfResult::pass>>},
    EvalFunction{"check_for_spf_neutral", bind_plain<sender_has<SpfResult::neutral>>},
    EvalFunction{"check_for_spf_none", bind_plain<sender_has<SpfResult::none>>},
    EvalFunction{"check_for_spf_fail", bind_plain<sender_has<SpfResult::fail>>},
    EvalFunction{"check_for_spf_softfail", bind_plain<sender_has<SpfResult::softfail>>},
    EvalFunction{"check_for_spf_permerror", bind_plain<sender_has<SpfResult::permerror>>},
    EvalFunction{"check_for_spf_temperror", bind_plain<sender_has<SpfResult::temperror>>},
    EvalFunction{"check_for_spf_helo_pass", bind_plain<helo_has<SpfResult::pass>>},
    EvalFunction{"check_for_spf_helo_neutral", bind_plain<helo_has<SpfResult::neutral>>},
    EvalFunction{"check_for_spf_helo_none", bind_plain<helo_has<SpfResult::none>>},
    EvalFunction{"check_for_spf_helo_fail", bind_plain<helo_has<SpfResult::fail>>},
    EvalFunction{"check_for_spf_helo_softfail", bind_plain<helo_has<SpfResult::softfail>>},
    EvalFunction{"check_for_spf_helo_permerror", bind_plain<helo_has<SpfResult::permerror>>},
    EvalFunction{"check_for_spf_helo_temperror", bind_plain<helo_has<SpfResult::temperror>>},
    EvalFunction{"check_for_spf_welcomelist_from", bind_plain<check_for_spf_welcomelist_from>},
    EvalFunction{"check_for_spf_whitelist_from", bind_plain<check_for_spf_welcomelist_from>},
    EvalFunction{"check_for_def_spf_welcomelist_from",
                 bind_plain<check_for_def_spf_welcomelist_from>},
    EvalFunction{"check_for_def_spf_whitelist_from",
                 bind_plain<check_for_def_spf_welcomelist_from>},
    EvalFunction{"check_spf_skipped_noenvfrom", bind_plain<check_spf_skipped_noenvfrom>},
    EvalFunction{"check_dmarc_pass", bind_plain<check_dmarc_pass>},
    EvalFunction{"check_dmarc_reject", bind_plain<fails_with<DmarcResult::Policy::reject>>},
    EvalFunction{"check_dmarc_quarantine", bind_plain<fails_with<DmarcResult::Policy::quarantine>>},
    EvalFunction{"check_dmarc_none", bind_plain<fails_with<DmarcResult::Policy::none>>},
    EvalFunction{"check_dmarc_missing", bind_plain<check_dmarc_missing>},
};

}  // namespace

EvalTable authentication_evals() { return functions; }

}  // namespace postern
