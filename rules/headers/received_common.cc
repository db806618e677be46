#include <array>

#include "rules/headers/received_formats.h"

namespace postern {
namespace {

using enum ReceivedFormat::Meaning;

/// sendmail puts what RFC 1413 said in front of the name: "IDENT:user@host", or "user@host".
bool ident_in_name(ReceivedDraft& draft, std::string_view, std::string_view) {
  auto& rdns = draft.relay.rdns;
  for (const std::string_view mark : {"IDENT:", ""}) {
    const auto at = rdns.find('@');
    if (at == std::string::npos || !rdns.starts_with(mark)) continue;
    draft.relay.ident = rdns.substr(mark.size(), at - mark.size());
    rdns.erase(0, at + 1);
  }
  return true;
}

/// qmail is told the name by tcpserver, which says "unknown" where it did not ask either.
bool unknown_was_not_asked(ReceivedDraft& draft, std::string_view, std::string_view) {
  draft.looked_up_dns = draft.relay.rdns != "unknown";
  return true;
}

bool soft_dns_error(ReceivedDraft& draft, std::string_view, std::string_view) {
  if (draft.relay.rdns != "softdnserr") return true;
  draft.relay.rdns.clear();
  draft.looked_up_dns = false;
  return true;
}

bool capital_unknown_was_not_asked(ReceivedDraft& draft, std::string_view, std::string_view) {
  draft.looked_up_dns = draft.relay.rdns != "UNKNOWN";
  return true;
}

bool unverified_is_no_name(ReceivedDraft& draft, std::string_view, std::string_view) {
  if (draft.relay.rdns == "unverified") draft.relay.rdns.clear();
  return true;
}

bool by_nobody(ReceivedDraft& draft, std::string_view, std::string_view) {
  draft.relay.by.clear();
  return true;
}

constexpr std::array web_mail = {
    ReceivedFormat{.words = " authenticated user ",
                   .pattern = R"((?=.* \((?:SquirrelMail|NaSMail) authenticated user ))"
                              R"(.*?{ip}\b(?![.-]).{10,80}by {by} with HTTP)"},
    ReceivedFormat{.words = "with HTTP (WebMailUI)",
                   .pattern = R"((?=.*aol\.com).*?{ip} by {by} \({IP}\) with HTTP \(WebMailUI\))"},
};

constexpr std::array common = {
    ReceivedFormat{.words = "with HTTP",
                   .pattern = R"((?=.*\bwith HTTP\b){ip} \(\[{IP}\]\) by {by})"},
    // sendmail, of which some fields of qmail-ldap look like a mixture
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\](?!.* by \S+ \(qmail-\S+\) with ).*\))"
                              R"( by {by} \()",
                   .looks_up_dns = true,
                   .finish = ident_in_name},
    // Exchange's Internet Mail Service
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\]\) by {by} with \S+ \()",
                   .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({rdns} \(\[{ip}\] helo={helo}\) by {by} with )"},
    ReceivedFormat{.pattern = R"({helo} \(<unknown\S*>\[{ip}\]\) by {by} )"},
    ReceivedFormat{.pattern = R"({helo} \((?<rdns>\S+\.\S+)\[{ip}\]\) by {by} )",
                   .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({helo} \({ident?}@\[{ip}\].*\) by {by} \()", .looks_up_dns = true},
    ReceivedFormat{.words = ".hotmail.msn.com ",
                   .pattern = R"((?:{ip} )?.*?by (?<by>\S+\.hotmail\.msn\.com) )"},
    ReceivedFormat{.words = "qpsmtpd/",
                   .pattern = R"({rdns} \((?:HELO|EHLO) {helo?}\) \({ip}\) by {by})"
                              R"( \(qpsmtpd/\S+\) with (?:ESMTP|SMTP))"},
    ReceivedFormat{.words = "(LHLO ",
                   .pattern = R"({rdns} \(LHLO {helo?}\) \({ip}\) by {by} with LMTP)"},
    // GMX
    ReceivedFormat{.pattern = R"({rdns} \((?:HELO|EHLO) {helo?}\) \[{ip}\] by {by} \([^\)]+\))"
                              R"( with (?:ESMTP|SMTP))"},
    ReceivedFormat{.words = " via smtpd ",
                   .pattern = R"({helo} \(\[{ip}\]\) by {by} via smtpd \(for \S+\) with SMTP\()"},
    // qmail: HELO only where it differs from the name
    ReceivedFormat{
        .pattern =
            R"({rdns} \((?:HELO|EHLO) (?<helo>[^ ()]*)\) \({ident}@\[?{ip}\]?\){behind_qmail})",
        .finish = unknown_was_not_asked},
    ReceivedFormat{
        .pattern = R"({rdns} \((?:HELO|EHLO) (?<helo>[^ ()]*)\) \(\[?{ip}\]?\){behind_qmail})",
        .finish = unknown_was_not_asked},
    ReceivedFormat{.pattern = R"({name} \({ident}@\[?{ip}\]?\){behind_qmail})",
                   .finish = unknown_was_not_asked},
    ReceivedFormat{.pattern = R"({name} \(\[?{ip}\]?\){behind_qmail})",
                   .finish = unknown_was_not_asked},
    // Brackets in its HELO: nothing can be told
    ReceivedFormat{.pattern = R"(\S+ \((?:HELO|EHLO) \S*\) \((?:\S+@)?\[?{IP}\]?\){behind_qmail})",
                   .looks_up_dns = true},
    ReceivedFormat{.words = " via HTTP", .pattern = R"(\[{ip}\] by {by} via HTTP$)"},
    ReceivedFormat{.pattern = R"(\S+ \( \[{ip}\]\).*? by {by} )"},
    ReceivedFormat{.pattern = R"(\({helo} \[{ip}\]\) by {by} )"},
    // MessageWall, Post.Office, ArGoSoft, MailGate
    ReceivedFormat{.pattern = R"(\[{ip}\] by {by} )"},
    ReceivedFormat{.pattern = R"(\(\[?{ip}\]?\) by {by} )"},
    // MDaemon
    ReceivedFormat{.pattern = R"({helo} \[{ip}\] by {by} \[{IP}\] with )", .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({helo} \[\({ip}\)\] by {by} \({IP}\) )"},
    // sendmail and what looks like it
    ReceivedFormat{.pattern = R"({helo} \(\[{ip}\]\) by {by} \()", .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\]\).*? by {by}\b)",
                   .looks_up_dns = true,
                   .finish = soft_dns_error},
    ReceivedFormat{.pattern = R"({helo} \(\[{ip}(?:[.:]\d+)?\]\).*? by {by} )",
                   .looks_up_dns = true},
    ReceivedFormat{
        .pattern = R"({helo} \({rdns} \[{ip}\]\)(?: \(authenticated bits=\d+\))? by {by} \()",
        .looks_up_dns = true},
    // fetchmail, getmail
    ReceivedFormat{.words = "with ", .pattern = R"(.*?with (?:POP3|IMAP))", .meaning = fetched},
    // qmail's relatives
    ReceivedFormat{.pattern = R"({rdns} \((?:HELO|EHLO) (?<helo>[^\)]*)\) \((?:{ident?}@)?\[?{ip})"
                              R"(\]?\).* by {by} )",
                   .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({name} \((?:{ident?}@)?\[?{ip}\]?\).* by {by} )",
                   .looks_up_dns = true},
    ReceivedFormat{.words = " via smap ",
                   .pattern = R"({rdns}\({ip}\) by {by} via smap )",
                   .looks_up_dns = true},
    ReceivedFormat{.words = " via smap ",
                   .pattern = R"({rdns}\({ip}, (?:HELO|EHLO) {helo?}\) by {by} via smap )",
                   .looks_up_dns = true},
    ReceivedFormat{.pattern = R"({ip} by {by} \((?:SMTPL|InterScan)\b)"},
    ReceivedFormat{
        .words = " with BSMTP", .pattern = R"(\S+ by \S+ with BSMTP)", .meaning = ignored},
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\]\) by {by} with )", .looks_up_dns = true},
    // Yahoo
    ReceivedFormat{.pattern = R"({rdns} \((?:HELO|EHLO) {helo?}\) \((?:{ident}@)?{ip}.*?\))"
                              R"( by {by} with )",
                   .looks_up_dns = true},
    // CommuniGate Pro
    ReceivedFormat{.pattern = R"(\[{ip}\] \((?:account \S+ )?(?:HELO|EHLO) {helo?}\) by {by} \()"},
    ReceivedFormat{.words = " (CommuniGate Pro",
                   .pattern = R"({name} \(\[{ip}\] verified\) by {by} \()",
                   .looks_up_dns = true},
    ReceivedFormat{.words = " (Content Technologies ",
                   .pattern = R"(\S+ \(\S+\) by \S+ \(Content Technologies )",
                   .meaning = ignored},
    ReceivedFormat{.pattern = R"({helo} \(\[{ip}\] \[\S+\]\) by {by} with )"},
    // Tumbleweed
    ReceivedFormat{.pattern = R"({ip} by {by} with )"},
    ReceivedFormat{.pattern = R"({helo} \({rdns}\[{ip}\]\) by {by} )", .looks_up_dns = true},
    // F-Secure
    ReceivedFormat{.pattern = R"(\[{ip}\]\S+ \((?:HELO|EHLO) {helo?}\) by {by} )"},
    ReceivedFormat{.pattern = R"({ip} \((?:HELO|EHLO) {helo?}\) by {by} )"},
    // SMTPD32
    ReceivedFormat{.pattern = R"({helo} \[{ip}\] by {by} )"},
    ReceivedFormat{.pattern = R"({rdns}\({ip}\) by {by} )"},
    ReceivedFormat{.pattern = R"({ip} \([A-Za-z][^\)]+\) by {by} with )"},
    // Nemesis
    ReceivedFormat{.pattern = R"(\[{ip}\] \((?<detail>[^\)]+)\) by {by} )", .finish = exim_comment},
    // Obtuse smtpd
    ReceivedFormat{.words = " via ",
                   .pattern = R"({rdns}\({ip}\)(?:, claiming to be "{helo}")? via \S+ by {by},)",
                   .finish = capital_unknown_was_not_asked},
    ReceivedFormat{.words = " with login) ",
                   .pattern = R"({helo} \(\S+@{ip} with login\) by (?<by>\S+\.yahoo\.com))"
                              R"( with SMTP)"},
    // made of a field that originating_ip_headers names
    ReceivedFormat{
        .words = "X-Originating-IP", .pattern = R"(X-Originating-IP: {ip}$)", .finish = by_nobody},
};

constexpr std::array capital = {
    // simta, Rockliffe
    ReceivedFormat{.pattern = R"({helo} \({rdns} \[{ip}\]\) BY {by} (?:\([^\)]+\) WITH SMTP )?ID )"
                              R"(<?(?<id>\S+?)>?(?: FOR <[^>]+>)?$)",
                   .looks_up_dns = true,
                   .finish = unverified_is_no_name},
};

constexpr std::array bracketed = {
    // Norton AntiVirus Gateway
    ReceivedFormat{.pattern = R"({helo?} \[{ip}\]\) by {by} \(NAVGW .*?\) with )"},
    // sendmail's command line
    ReceivedFormat{.pattern = R"(\S+@localhost\) by \S+ )", .meaning = ignored},
    ReceivedFormat{.words = "(jqueuemail)",
                   .pattern = R"([^\s@]+@[^)]+\) by \S+\(jqueuemail\) id [^\s;]+)",
                   .meaning = ignored},
};

}  // namespace

ReceivedFormats web_mail_formats() { return web_mail; }
ReceivedFormats common_formats() { return common; }
ReceivedFormats capital_formats() { return capital; }
ReceivedFormats bracketed_formats() { return bracketed; }

}  // namespace postern
