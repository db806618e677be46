#include <array>

#include "rules/headers/received_formats.h"

namespace postern {
namespace {

using enum ReceivedFormat::Meaning;

// Handovers within one machine, and by programs that do not log an address. The latter are no
// errors: a field that is unparseable would keep ALL_TRUSTED from good mail.
constexpr std::array formats = {
    ReceivedFormat{.pattern = R"(\S+ \([^\s@]+@{localhost}\) by \S+ \()", .meaning = ignored},
    ReceivedFormat{.words = "with local-",
                   .pattern = R"(\S+ \S+ by \S+ with local-e?smtp )",
                   .meaning = ignored},
    ReceivedFormat{.words = "(AVG SMTP ",
                   .pattern = R"(127\.0\.0\.1 \(AVG SMTP \S+ \[\S+\]\))",
                   .meaning = ignored},
    ReceivedFormat{.pattern = R"(\S+@\S+ by \S+ )", .meaning = ignored},
    ReceivedFormat{.pattern = R"(Unknown/Local \()", .meaning = ignored},
    ReceivedFormat{.pattern = R"({localhost} \((?:\S+@)?{localhost}[\)\[])", .meaning = ignored},
    ReceivedFormat{.pattern = R"(\S+ \((?:\S+@)?{localhost}\) )", .meaning = ignored},
    ReceivedFormat{.pattern = R"(\S+ \(\S+@\S+ \[{localhost}\]\) )", .meaning = ignored},
    ReceivedFormat{
        .words = "(AUTH: ", .pattern = R"(\(AUTH: \S+\) by \S+ with )", .meaning = ignored},
    ReceivedFormat{.words = "[[UNIX: localhost]]",
                   .pattern = R"(localhost \(localhost \[\[UNIX: localhost\]\]\) by )",
                   .meaning = ignored},
    ReceivedFormat{.words = "(peer crosscheck: ",
                   .pattern = R"(\S+\.amazon\.com by \S+\.amazon\.com with ESMTP )"
                              R"(\(peer crosscheck: )",
                   .meaning = ignored},
    ReceivedFormat{.words = " with Novell_GroupWise",
                   .pattern = R"([^\.]+ by \S+ with Novell_GroupWise)",
                   .meaning = ignored},
    // Raptor's firewall hides who spoke to it
    ReceivedFormat{.words = " via smtpd (for ",
                   .pattern = R"(no\.name\.available by \S+ via smtpd \(for )",
                   .meaning = ignored},
    ReceivedFormat{.words = " with qmail-scanner",
                   .pattern = R"(\S+ by \S+ \(.{0,100}\) with qmail-scanner)",
                   .meaning = scanned},
    ReceivedFormat{
        .words = " with local", .pattern = R"(\S+ by \S+ with local)", .meaning = ignored},
    ReceivedFormat{.words = "([unix socket])",
                   .pattern = R"(\S+ \(\[unix socket\]\) by \S+ )"
                              R"(\(Cyrus v[0-9]*?\.[0-9]*?\.[0-9]*?\) with LMTPA)",
                   .meaning = ignored},
    ReceivedFormat{.pattern = R"(\S+ by \S+ (?:with|via|for|\())", .meaning = ignored},
    ReceivedFormat{.pattern = R"(\S+ (?:(?:with|via|for) \S+|\(unverified\)) by\b)",
                   .meaning = ignored},
    ReceivedFormat{.words = " (SG) with ",
                   .pattern = R"(\S+ \(unknown\) by \S+ \(SG\) with \b)",
                   .meaning = ignored},
    ReceivedFormat{.words = " (OpenSMTPD) with ",
                   .pattern = R"(\S+ \(\S+ \[local\]\) by \S+ \(OpenSMTPD\) with \b)",
                   .meaning = ignored},
    ReceivedFormat{.words = "(LSMTP for", .pattern = R"(.*\(LSMTP for)", .meaning = ignored},
    ReceivedFormat{.words = " with MailEnable ",
                   .pattern = R"(\(\[{localhost}\]\) with MailEnable )",
                   .meaning = ignored},
    ReceivedFormat{.words = " with Thrift id ",
                   .pattern = R"(facebook\.com \([^\)]+\) by facebook\.com with Thrift id \S+$)",
                   .meaning = ignored},
    ReceivedFormat{.words = " with HTTPREST",
                   .pattern = R"(\S+ named \S+ by gmailapi\.google\.com with HTTPREST$)",
                   .meaning = ignored},
    ReceivedFormat{.words = " id ", .pattern = R"(\S+ id \S+$)", .meaning = ignored},
    ReceivedFormat{.words = " (Jetsend", .pattern = R"(\[<.*? \(Jetsend)", .meaning = ignored},
};

}  // namespace

ReceivedFormats ignored_formats() { return formats; }

}  // namespace postern
