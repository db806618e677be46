#include <array>

#include "rules/headers/ip_address.h"
#include "rules/headers/prepared_patterns.h"
#include "rules/headers/received_formats.h"

namespace postern {
namespace {

using enum ReceivedFormat::Meaning;

/// Takes the word behind `key` out of an Exim comment such as "helo=a ident=b".
std::string_view word_behind(std::string_view detail, std::string_view key) {
  const auto at = detail.find(key);
  if (at == std::string_view::npos) return {};
  detail.remove_prefix(at + key.size());
  return detail.substr(0, detail.find_first_of(" \t"));
}

bool exim_name_and_comment(ReceivedDraft& draft, std::string_view text, std::string_view detail) {
  draft.relay.helo = draft.relay.rdns;
  return exim_comment(draft, text, detail);
}

struct Bits {
  CapturePattern name{R"(^(\S+) )"};
  CapturePattern bracketed{R"( \((\S+)\) )"};
  CapturePattern address{R"( \[()" + ip_address_pattern() + R"()(?:\.\d+)?\] )"};
  CapturePattern receiver{R"(by (\S+) )"};
  CapturePattern xmail_id{R"( id <(\S+)>)"};
  CapturePattern xmail_sender{R"( from <(\S+)>)"};
};

const Bits& bits() {
  static const Bits made;
  return made;
}

/// Exim lets its administrators write the field as they like: bits of it, wherever they stand.
bool exim_bits(ReceivedDraft& draft, std::string_view text, std::string_view) {
  Captures found;
  auto& relay = draft.relay;
  if (bits().name.matches(text, found)) relay.rdns = *found[1];
  if (bits().bracketed.matches(text, found)) relay.helo = *found[1];
  if (bits().address.matches(text, found)) relay.ip = *found[1];
  if (!bits().receiver.matches(text, found)) return false;
  relay.by = *found[1];
  return !relay.ip.empty();
}

bool no_id(ReceivedDraft& draft, std::string_view, std::string_view) {
  draft.relay.id.clear();
  return true;
}

bool xmail_brackets(ReceivedDraft& draft, std::string_view text, std::string_view) {
  Captures found;
  if (bits().xmail_id.matches(text, found)) draft.relay.id = *found[1];
  if (bits().xmail_sender.matches(text, found)) draft.relay.envfrom = *found[1];
  return true;
}

constexpr std::array smtpsvc = {
    ReceivedFormat{.pattern = R"({helo?} \(\[{ip}\][^\)]{0,40}\) by {by} with Microsoft SMTPSVC)"},
    ReceivedFormat{.pattern = R"(mail pickup service by \S+ with Microsoft SMTPSVC$)",
                   .meaning = ignored},
};

constexpr std::array exchange = {
    ReceivedFormat{.pattern = R"({helo} \(\[?{ip}(?:%[A-Z0-9._~-]*)?\]?\) by {by} )",
                   .finish = no_id},
};

constexpr std::array xmail = {
    ReceivedFormat{.pattern = R"({helo} \(\[?{ip}\]?:\d+\) by {by}(?: \(\S+\))? with \[XMail)",
                   .finish = xmail_brackets},
};

constexpr std::array ecelerity = {
    ReceivedFormat{.pattern = R"(\(\[{ip}:\d+\] helo={helo}\) by {by} )"},
    ReceivedFormat{.pattern = R"(\S+ \(\[{ip}:\d+\]\) by {by} )"},
};

constexpr std::array exim = {
    ReceivedFormat{
        .words = "with local", .pattern = R"(.*?\bwith local(?:-\S+)? )", .meaning = ignored},
    ReceivedFormat{.pattern = R"(\[{ip}\] \((?<detail>.*?)\) by {by} )", .finish = exim_comment},
    ReceivedFormat{.pattern = R"({rdns} \(\[{ip}\](?<detail>.*?)\) by {by} )",
                   .finish = exim_name_and_comment},
    ReceivedFormat{.pattern = R"({name} \[{ip}\](?::\d+)? by {by} )"},
    ReceivedFormat{.pattern = "", .finish = exim_bits},
};

constexpr std::array postfix = {
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\]\) by {by} )", .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({helo} \({rdns}\[{ip}\]\) by {by} )", .looks_up_dns = true},
};

constexpr std::array scalix = {
    ReceivedFormat{.pattern = R"({helo} \( ?{ip}\) by {by})"},
};

constexpr std::array domino = {
    ReceivedFormat{.pattern = R"({helo} \(\[{ip}\]\) by {by} \(Lotus)"},
};

constexpr std::array families = {
    ReceivedFamily{" SMTPSVC", "", smtpsvc},
    ReceivedFamily{" with Microsoft SMTP Server ",
                   R"( with Microsoft SMTP Server (?:\([^\)]+\) )?\d+\.\d+\.\d+\.\d+(?:$| ))",
                   exchange},
    ReceivedFamily{" with mapi id ", R"( with mapi id (?:\([^\)]+\) )?\d+\.\d+\.\d+\.\d+(?:$| ))",
                   exchange},
    ReceivedFamily{"[XMail ", "", xmail},
    ReceivedFamily{"(ecelerity", R"(\(ecelerity\b)", ecelerity},
    ReceivedFamily{"Exim", "", exim},
    ReceivedFamily{" (Postfix) with", "", postfix},
    ReceivedFamily{"(Scalix SMTP Relay", "", scalix},
    ReceivedFamily{" (Lotus Domino ", "", domino},
};

}  // namespace

bool exim_comment(ReceivedDraft& draft, std::string_view, std::string_view detail) {
  if (const auto helo = word_behind(detail, "helo="); !helo.empty()) draft.relay.helo = helo;
  if (detail.find("ident=") != std::string_view::npos)
    draft.relay.ident = word_behind(detail, "ident=");
  return true;
}

std::span<const ReceivedFamily> received_families() { return families; }

void prepare_received_families() { bits(); }

}  // namespace postern
