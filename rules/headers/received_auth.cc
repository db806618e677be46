#include "rules/headers/received_auth.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/headers/capture_pattern.h"
#include "rules/headers/ip_address.h"
#include "rules/headers/prepared_patterns.h"

namespace postern {
namespace {

/// RFC 3848, 4954 and 6531 end in A for authenticated; ASMTP is older, and web mail wants a login.
bool is_authenticated_protocol(std::string_view word) {
  static constexpr std::array<std::string_view, 12> protocols{
      "esmtpa",    "esmtpsa",    "lmtpa", "lmtpsa", "utf8smtpa", "utf8smtpsa",
      "utf8lmtpa", "utf8lmtpsa", "asmtp", "http",   "https",     "httpu"};
  return std::ranges::any_of(protocols, [word](auto p) { return equals_ignoring_case(p, word); });
}

std::string by_protocol(std::string_view text) {
  if (text.find(" by ") == std::string_view::npos) return {};
  for (std::size_t at = text.find(' '); at != std::string_view::npos; at = text.find(' ', at + 1)) {
    if (!starts_with_ignoring_case(text.substr(at), " with ")) continue;
    const auto rest = text.substr(at + 6);
    const auto word = rest.substr(0, rest.find_first_of(" ;"));
    if (is_authenticated_protocol(word)) return std::string(word);
  }
  return {};
}

struct Patterns {
  CapturePattern google_queue{
      R"( by mx\.google\.com with ESMTPS id [a-z0-9]{1,4}sm[0-9]{2,9}[a-z]{3}\.[0-9]{1,3})"
      R"(\.[0-9]{4}\.(?:[0-6][0-9]\.){4}[0-6][0-9])"};
  CapturePattern google_transport{R"(\(version=([^ ]+) cipher=([^\)]+)\))"};
  CapturePattern courier{
      R"(^from .*?(?:\]\)|\)\]) \(AUTH: (LOGIN|PLAIN|DIGEST-MD5|CRAM-MD5) \S+(?:, .*?)?\) by )"};
  CapturePattern gmx{R"(from \S* \((?:HELO|EHLO) \S*\) \[)" + ip_address_pattern() +
                     R"(\] by (mail\.gmx\.(?:net|com)) \([^\)]+\) with (E?SMTP))"};
  CapturePattern critical_path{
      R"(\) by .+ \(\d{1,2}\.\d\.\d{3}(?:\.\d{1,3})?\) \(authenticated as .+\) id )"};
  CapturePattern postfix{R"(\) \(Authenticated sender: \S+\) by \S+ \(([^\)]+)\) with )"};
  CapturePattern communigate{"CommuniGate Pro (?:HTTP|SMTP|XIMSS|IMAP)"};
  CapturePattern exchange_dav{R"( with Microsoft Exchange Server HTTP-DAV\b)"};
  CapturePattern web_comment{R"( \(via (HTTP.?)\)(?: |;|$))", true};
};

const Patterns& patterns() {
  static const Patterns made;
  return made;
}

std::string google(std::string_view text) {
  Captures found;
  if (!patterns().google_queue.matches(text, found) ||
      !patterns().google_transport.matches(text, found))
    return {};
  return fmt::format("GMail - transport={} cipher={}", *found[1], *found[2]);
}

std::string courier(std::string_view text) {
  Captures found;
  return patterns().courier.matches(text, found) ? std::string(*found[1]) : std::string();
}

/// Where the address ends, brackets and a comment included: "]) ", ")] ", "] (may be forged)) ".
std::size_t end_of_address(std::string_view text) {
  auto end = std::min(text.find("]) "), text.find(")] "));
  end = end == std::string_view::npos ? end : end + 3;
  for (auto at = text.find("] ("); at != std::string_view::npos; at = text.find("] (", at + 1)) {
    const auto close = text.find(')', at + 3);
    if (close == std::string_view::npos || close > end) break;
    if (text.substr(close).starts_with(")) ")) end = std::min(end, close + 3);
  }
  return end;
}

/// sendmail, MDaemon and some web mail: "(authenticated …)" between the address and "by".
std::string sendmail(std::string_view text) {
  if (!text.starts_with("from ")) return {};
  auto rest = text.substr(5);
  const auto address = end_of_address(rest);
  if (address == std::string_view::npos) return {};
  rest.remove_prefix(address);
  for (const std::string_view next : {"(", "authenticated", ")", " by"}) {
    const auto at = rest.find(next);
    if (at == std::string_view::npos) return {};
    rest.remove_prefix(at + next.size());
  }
  return "Sendmail";
}

std::string gmx(std::string_view text) {
  Captures found;
  if (!patterns().gmx.matches(text, found)) return {};
  return fmt::format("GMX ({} / {})", *found[2], *found[1]);
}

std::string critical_path(std::string_view text) {
  Captures found;
  return patterns().critical_path.matches(text, found) ? "CriticalPath" : "";
}

/// smtpd_sasl_authenticated_header; the program's name may have been changed (mail_name).
std::string postfix(std::string_view text) {
  Captures found;
  if (!patterns().postfix.matches(text, found)) return {};
  return *found[1] == "Postfix" ? "Postfix" : fmt::format("Postfix ({})", *found[1]);
}

std::string communigate(std::string_view text) {
  Captures found;
  const bool account = text.find(" (account ") != std::string_view::npos;
  return account && patterns().communigate.matches(text, found) ? "Communigate" : "";
}

std::string exchange_dav(std::string_view text) {
  Captures found;
  return patterns().exchange_dav.matches(text, found) ? "HTTP-DAV" : "";
}

std::string web_comment(std::string_view text) {
  if (text.find(" by ") == std::string_view::npos) return {};
  Captures found;
  return patterns().web_comment.matches(text, found) ? std::string(*found[1]) : std::string();
}

struct Way {
  std::string_view words;  // in every text that it answers for; "" where case may vary
  std::string (*read)(std::string_view text);
};

// The first that answers counts.
constexpr std::array ways = {
    Way{"", by_protocol},
    Way{" by mx.google.com with ESMTPS id ", google},
    Way{"(AUTH: ", courier},
    Way{"authenticated", sendmail},
    Way{" by mail.gmx.", gmx},
    Way{" (authenticated as ", critical_path},
    Way{"(Authenticated sender: ", postfix},
    Way{"CommuniGate Pro ", communigate},
    Way{"HTTP-DAV", exchange_dav},
    Way{"", web_comment},
};

}  // namespace

std::string authentication_of(std::string_view text) {
  for (const auto& way : ways) {
    if (text.find(way.words) == std::string_view::npos) continue;
    if (auto answer = way.read(text); !answer.empty()) return answer;
  }
  return {};
}

void prepare_received_authentication() { patterns(); }

}  // namespace postern
