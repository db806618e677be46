// HeaderEval.pm of SpamAssassin 4.0.1: mail that names a provider and lacks the marks which that
// provider's own mail has.
#include <algorithm>
#include <array>
#include <cassert>
#include <string>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/received_text.h"
#include "rules/evals/tables.h"
#include "rules/headers/ip_address.h"

namespace postern {
namespace {

/// An expression that this file is sure of.
Regex compiled(const std::string& pattern) {
  auto regex = Regex::compile("/" + pattern + "/");
  assert(regex);
  regex->compile_native();
  return *std::move(regex);
}

/// Made when rules are loaded, since every function here is bound then.
struct Marks {
  std::string ip = "(?i:" + ip_address_pattern() + ")";

  Regex address = compiled(ip);

  Regex aol_relay = compiled("(?i) rly-[a-z]{2}\\d\\d\\.");
  Regex aol_made = compiled("\\/AOL-\\d+\\.\\d+\\.\\d+\\)|ESMTP id (?:RELAY|MAILRELAY|MAILIN)");

  Regex ezmlm = compiled("(?m)^contact \\S+@\\S+; run by ezmlm$");
  Regex ezmlm_delivery = compiled("(?m)^mailing list \\S+@\\S+");
  Regex ezmlm_received =
      compiled("qmail \\d+ invoked (?:from network|by .{3,20})\\); \\d+ ... \\d+");
  Regex msn_groups = compiled("from groups\\.msn\\.com \\(\\S+\\.msn\\.com ");

  Regex hotmail_with_ip = compiled(
      "from (?:\\S*\\.)?hotmail.com \\(\\S+\\.hotmail(?:\\.msn)?\\.com[ )]"
      "|from \\S*\\.hotmail.com \\(\\[" +
      ip +
      "\\][ ):]"
      "|from \\S+ by \\S+\\.hotmail(?:\\.msn)?\\.com with HTTP;"
      "|from \\[66\\.218.\\S+\\] by \\S+\\.yahoo\\.com");
  Regex hotmail_with_organisation = compiled(
      "from \\S*\\.outbound\\.protection\\.outlook\\.com "
      "\\(\\S+\\.outbound\\.protection\\.outlook\\.com[ )]"
      "|from \\S*\\.(?:eur|nam)prd\\d+\\.prod\\.outlook\\.com \\(" +
      ip + "\\)");
  Regex says_hotmail = compiled("(?:from |HELO |helo=)\\S*hotmail\\.com\\b");

  Regex msn_pickup = compiled("from mail pickup service by p\\d\\d\\.groups\\.msn\\.com\\b");

  Regex eudoramail = compiled("by \\S*whowhere.com;");

  Regex yahoo = compiled(
      "by web\\S+\\.mail\\S*\\.yahoo\\.com via HTTP"
      "|by sonic\\S+\\.consmr\\.mail\\S*\\.yahoo\\.com with HTTP"
      "|by smtp\\S+\\.yahoo\\.com with SMTP"
      "|from \\[" +
      ip +
      "\\] by \\S+\\.(?:groups|scd|dcn)\\.yahoo\\.com with NNFMP"
      "|by \\w+\\.\\w+\\.yahoo\\.com \\(\\d+\\.\\d+\\.\\d+\\/\\d+\\.\\d+\\.\\d+\\)"
      "(?: with ESMTP)? id \\w+");
  Regex yahoo_news = compiled("\\bmailer\\d+\\.bulk\\.scd\\.yahoo\\.com\\b");

  Regex juno = compiled("from.*\\b(?:juno|untd)\\.com.*[\\[(]" + ip +
                        "[\\])].*by| cookie\\.(?:juno|untd)\\.com ");

  Regex gmail_received =
      compiled("by 10\\.\\S+ with SMTP id \\S+|by 2002:a\\d\\d:\\w+:\\S+ with SMTP id \\S+");
  Regex gmail_submitted = compiled("by smtp\\.googlemail\\.com with ESMTPSA id \\S+");

  Regex single_label_relay = compiled(
      "\\nfrom\\s\\S+\\sby\\s[^\\s.]+\\swith\\sESMTP;\\s+\\S\\S\\S,\\s+\\d+\\s+\\S\\S\\S\\s+\\d{4}"
      "\\s+\\d\\d:\\d\\d:\\d\\d\\s+[-+]*\\d{4}\\n$");

  Regex list_leave = compiled("(?i)<mailto:(?:leave-\\S+|\\S+-unsubscribe)@\\S+>$");
};

const Marks& marks() {
  static const Marks compiled_once;
  return compiled_once;
}

template <double (*function)(ScannedMessage&)>
BindResult bind_with_marks(const EvalArguments& arguments, const RuleSettings& settings) {
  marks();
  return bind_plain<function>(arguments, settings);
}

/// One message, and how to look for marks in it.
struct Look {
  ScannedMessage& message;

  std::string_view field(std::string_view name) const { return message.headers().get(name); }
  const std::string& received() const { return message.memo<ReceivedText>().text; }
  bool has(std::string_view text, const Regex& mark) const {
    return mark.matches(text, message.matcher()) == Regex::Outcome::match;
  }
  bool received_has(const Regex& mark) const { return has(received(), mark); }
  /// The author's address ends with this domain, after no letter or digit.
  bool is_from(std::string_view domain) const {
    const auto author = field("From:addr");
    if (author.size() < domain.size()) return false;
    const auto before = author.substr(0, author.size() - domain.size());
    const auto is_word = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
    return equals_ignoring_case(author.substr(before.size()), domain) &&
           (before.empty() || !is_word(before.back()));
  }
};

double check_for_fake_aol_relay_in_rcvd(ScannedMessage& message) {
  const Look look{message};
  return look.received_has(marks().aol_relay) && !look.received_has(marks().aol_made);
}

/// Software that takes Received fields away, so that their absence says nothing.
double gated_through_received_hdr_remover(ScannedMessage& message) {
  const Look look{message};
  const auto received = look.field("Received");
  if (look.has(look.field("Mailing-List"), marks().ezmlm) &&
      look.has(look.field("Delivered-To"), marks().ezmlm_delivery) &&
      look.has(received, marks().ezmlm_received))
    return 1;
  return !message.headers().has("Received") || look.has(received, marks().msn_groups);
}

/// "List" of "List <list@groups.msn.com>".
std::string_view msn_list_name(std::string_view to) {
  const auto lowered = to_lower(to);
  const auto end = lowered.find("@groups.msn.com>");
  if (end == std::string::npos) return {};
  const auto start = lowered.find_last_of("< \t\r\n", end);
  if (start == std::string::npos || lowered[start] != '<') return {};
  return to.substr(start + 1, end - start - 1);
}

double check_for_msn_groups_headers(ScannedMessage& message) {
  const Look look{message};
  const std::string name(msn_list_name(look.field("To")));
  if (name.empty()) return 0;
  const auto received = look.field("Received");
  Regex::Span server;
  if (marks().msn_pickup.find(received, 0, false, message.matcher(), server) !=
      Regex::Outcome::match)
    return 0;
  const auto id = look.field("Message-Id");
  const auto domain_at = id.find('@');
  const auto blank = std::min(id.find_first_of(" \t\r\n"), id.size());
  if (!id.starts_with('<') || domain_at == std::string_view::npos || domain_at > blank) return 0;
  const auto domain = id.substr(domain_at + 1);
  if (name == "notifications") {
    const std::string_view phrase = received.substr(server.from, server.to - server.from);
    const std::string host(phrase.substr(phrase.rfind(' ') + 1));
    return domain_at > 1 && domain.starts_with(host + ">");
  }
  return id.substr(1).starts_with(name + "-") && domain_at > name.size() + 2 &&
         domain.starts_with("groups.msn.com>") &&
         look.field("EnvelopeFrom:addr").find(name + "-bounce@groups.msn.com") !=
             std::string_view::npos;
}

/// One analysis, two verdicts.
struct HotmailVerdict {
  explicit HotmailVerdict(ScannedMessage& message) {
    const Look look{message};
    if (is_explained(look)) return;
    if (look.received_has(marks().says_hotmail)) {
      forged = true;
    } else {
      unconfirmed = look.is_from("hotmail.com");
    }
  }

  bool forged = false;       // a relay called itself hotmail.com and is not
  bool unconfirmed = false;  // the author claims to be there, and no relay is

 private:
  static bool is_explained(const Look& look) {
    constexpr std::string_view pickup =
        "from mail pickup service by hotmail.com with Microsoft SMTPSVC;";
    if (look.received().find("hotmail") == std::string::npos && !look.is_from("hotmail.com"))
      return true;  // neither verdict is possible
    if (look.received().find(pickup) != std::string::npos) return true;
    if (check_for_msn_groups_headers(look.message) != 0) return true;
    if (gated_through_received_hdr_remover(look.message) != 0) return true;
    const auto organisation = look.field("X-OriginatorOrg");
    const bool microsoft = organisation.find("hotmail.com") != std::string_view::npos ||
                           organisation.find("msonline-outlook") != std::string_view::npos;
    return (look.has(look.field("X-Originating-Ip"), marks().address) &&
            look.received_has(marks().hotmail_with_ip)) ||
           (microsoft && look.received_has(marks().hotmail_with_organisation));
  }
};

double check_for_forged_hotmail_received_headers(ScannedMessage& message) {
  return message.memo<HotmailVerdict>().forged;
}

double check_for_no_hotmail_received_headers(ScannedMessage& message) {
  return message.memo<HotmailVerdict>().unconfirmed;
}

double check_for_forged_eudoramail_received_headers(ScannedMessage& message) {
  const Look look{message};
  if (!look.is_from("eudoramail.com") || gated_through_received_hdr_remover(message) != 0) return 0;
  return !(look.received_has(marks().eudoramail) &&
           look.has(look.field("X-Sender-Ip"), marks().address));
}

bool is_yahoo_host(const Relay& relay) {
  constexpr std::string_view domain = ".yahoo.com";
  return relay.rdns.ends_with(domain) && relay.rdns.size() > domain.size();
}

double check_for_forged_yahoo_received_headers(ScannedMessage& message) {
  const Look look{message};
  if (!look.is_from("yahoo.com") || gated_through_received_hdr_remover(message) != 0) return 0;
  const auto& relays = message.headers().relays();
  if (std::ranges::any_of(relays.trusted(), is_yahoo_host) ||
      (!relays.untrusted().empty() && is_yahoo_host(relays.untrusted().front())))
    return 0;
  std::string received = look.received();
  const bool resent = !look.field("Resent-From").empty() && !look.field("Resent-To").empty();
  if (const auto others = look.field("X-Received"); resent && !others.empty()) {
    received = squeezed(others);
  }
  const auto author = to_lower(look.field("From:addr"));
  return !look.has(received, marks().yahoo) &&
         !(author.ends_with("@reply.yahoo.com") && look.has(received, marks().yahoo_news));
}

double check_for_forged_juno_received_headers(ScannedMessage& message) {
  const Look look{message};
  if (!look.is_from("juno.com") || gated_through_received_hdr_remover(message) != 0) return 0;
  const auto origin = look.field("X-Originating-IP");
  return origin.empty() || !look.has(look.field("Received"), marks().juno) ||
         look.field("X-Mailer").find("Juno ") == std::string_view::npos;
}

constexpr std::size_t google_token = 60;  // octets that Google's own tokens have at least

double check_for_forged_gmail_received_headers(ScannedMessage& message) {
  const Look look{message};
  if (!look.is_from("gmail.com")) return 0;
  if (look.has(look.field("X-Received"), marks().gmail_received) ||
      look.has(look.field("Received"), marks().gmail_submitted))
    return 0;
  return look.field("X-Gm-Message-State").size() < google_token ||
         look.field("X-Google-Smtp-Source").size() < google_token;
}

double check_for_forged_gw05_received_headers(ScannedMessage& message) {
  const Look look{message};
  return look.has(look.field("Received"), marks().single_label_relay);
}

/// Software on the way that gives messages numbers of its own.
double check_messageid_not_usable(ScannedMessage& message) {
  const Look look{message};
  if (look.has(look.field("List-Unsubscribe"), marks().list_leave) ||
      gated_through_received_hdr_remover(message) != 0)
    return 1;
  const auto received = look.field("Received");
  return received.find("/CWT/DCE)") != std::string_view::npos ||
         received.find("iPlanet Messaging Server") != std::string_view::npos;
}

constexpr std::array functions{
    EvalFunction{"check_for_fake_aol_relay_in_rcvd",
                 bind_with_marks<check_for_fake_aol_relay_in_rcvd>},
    EvalFunction{"check_for_forged_eudoramail_received_headers",
                 bind_with_marks<check_for_forged_eudoramail_received_headers>},
    EvalFunction{"check_for_forged_gmail_received_headers",
                 bind_with_marks<check_for_forged_gmail_received_headers>},
    EvalFunction{"check_for_forged_gw05_received_headers",
                 bind_with_marks<check_for_forged_gw05_received_headers>},
    EvalFunction{"check_for_forged_hotmail_received_headers",
                 bind_with_marks<check_for_forged_hotmail_received_headers>},
    EvalFunction{"check_for_forged_juno_received_headers",
                 bind_with_marks<check_for_forged_juno_received_headers>},
    EvalFunction{"check_for_forged_yahoo_received_headers",
                 bind_with_marks<check_for_forged_yahoo_received_headers>},
    EvalFunction{"check_for_msn_groups_headers", bind_with_marks<check_for_msn_groups_headers>},
    EvalFunction{"check_for_no_hotmail_received_headers",
                 bind_with_marks<check_for_no_hotmail_received_headers>},
    EvalFunction{"check_messageid_not_usable", bind_with_marks<check_messageid_not_usable>},
    EvalFunction{"gated_through_received_hdr_remover",
                 bind_with_marks<gated_through_received_hdr_remover>},
};

}  // namespace

EvalTable header_forgery_evals() { return functions; }

}  // namespace postern
