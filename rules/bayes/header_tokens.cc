#include "rules/bayes/header_tokens.h"

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/base/bytes.h"
#include "rules/bayes/telling_value.h"

namespace postern {
namespace {

constexpr std::size_t most_header_tokens = 10000;

/// Names that stand in tokens in short. As written: SpamAssassin knows "Return-Path" and
/// "Return-path" apart.
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> short_names{{
    {"Message-Id", "*m"},
    {"Message-ID", "*M"},
    {"Received", "*r"},
    {"User-Agent", "*u"},
    {"References", "*f"},
    {"In-Reply-To", "*i"},
    {"From", "*F"},
    {"Reply-To", "*R"},
    {"Return-Path", "*p"},
    {"Return-path", "*rp"},
    {"X-Mailer", "*x"},
    {"X-Authentication-Warning", "*a"},
    {"Organization", "*o"},
    {"Organisation", "*o"},
    {"Content-Type", "*ct"},
    {"Content-Disposition", "*cd"},
    {"Content-Transfer-Encoding", "*ce"},
    {"x-spam-relays-trusted", "*RT"},
    {"x-spam-relays-untrusted", "*RU"},
}};

std::string_view short_name(std::string_view name) {
  const auto found =
      std::ranges::find(short_names, name, [](const auto& pair) { return pair.first; });
  return found == short_names.end() ? name : found->second;
}

/// A second name for what several fields have in common; "" for others.
std::string_view common_name(std::string_view lower_name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names{{
      {"in-reply-to", "*MI"},
      {"references", "*MI"},
      {"message-id", "*MI"},
      {"from", "*Ad"},
      {"to", "*Ad"},
      {"cc", "*Ad"},
      {"x-mailer", "*UA"},
      {"user-agent", "*UA"},
  }};
  const auto found =
      std::ranges::find(names, lower_name, [](const auto& pair) { return pair.first; });
  return found == names.end() ? std::string_view() : found->second;
}

// Written by mailing lists, other filters, clients and tracking systems, or changing with every
// message; and the subject, which the body has too.
constexpr std::array<std::string_view, 62> ignored_names{
    "date",
    "delivered-to",
    "delivery-date",
    "envelope-to",
    "x-envelope-to",
    "sender",
    "x-sender",
    "subject",
    "x-mime-autoconverted",
    "x-converted-to-plain-text",
    "x-list",
    "mailing-list",
    "x-mailing-list",
    "x-unsub",
    "x-unsubscribe",
    "x-mailman-version",
    "x-beenthere",
    "x-loop",
    "mail-followup-to",
    "x-egroups-return",
    "x-egroups-from",
    "x-mdmailing-list",
    "x-xemacs-list",
    "x-sympa-to",
    "x-mailscanner",
    "x-mailscanner-spamcheck",
    "x-spam",
    "x-antispam",
    "x-rbl-warning",
    "x-mdaemon-deliver-to",
    "x-virus-scanned",
    "x-mass-check-id",
    "x-pyzor",
    "x-filtered-by",
    "x-scanned-by",
    "x-scanner",
    "x-ap-spam-score",
    "x-ap-spam-status",
    "x-ripe-spam-status",
    "x-smtpd",
    "spam-apparently-to",
    "x-spam-apparently-to",
    "spam",
    "x-perlmx-spam",
    "x-bogosity",
    "content-class",
    "thread-index",
    "thread-topic",
    "x-originalarrivaltime",
    "status",
    "x-status",
    "x-flags",
    "x-keywords",
    "replied",
    "forwarded",
    "lines",
    "content-length",
    "x-uid",
    "x-uidl",
    "x-imapbase",
    "x-gnus-mail-source",
    "xref",
};

struct Family {
  std::string_view stem;
  std::array<std::string_view, 14> ends;  // the empty ones end nothing
};

// Behind the stem one of the ends makes an ignored name; where the stem has no "x-", with one, too.
constexpr std::array<Family, 5> families{{
    {"list-",
     {"archive", "help", "id", "owner", "post", "subscribe", "unsubscribe", "host", "manager",
      "admin", "comment", "name", "url"}},
    {"resent-", {"from", "to", "date"}},
    {"original-", {"from", "to", "date"}},
    {"x-spam-", {"status", "level", "flag", "report", "hits", "score", "checker-version"}},
    {"x-vm-",
     {"bookmark", "pop-retrieved", "imap-retrieved", "labels", "last-modified", "summary-format",
      "vheader", "message-order"}},
}};

bool ends_in(const Family& family, std::string_view name) {
  if (!name.starts_with(family.stem)) return false;
  const auto end = name.substr(family.stem.size());
  return !end.empty() && std::ranges::find(family.ends, end) != family.ends.end();
}

bool is_of_family(std::string_view name) {
  const auto without = name.starts_with("x-") ? name.substr(2) : name;
  return std::ranges::any_of(families, [&](const Family& family) {
    return ends_in(family, family.stem.starts_with("x-") ? name : without);
  });
}

/// Names with something free in them.
bool is_of_pattern(std::string_view name) {
  for (const std::string_view stem : {"x-spamcop-", "x-bugzilla-"}) {
    if (name.starts_with(stem) && name.size() > stem.size()) return true;
  }
  constexpr std::string_view dcc = "x-dcc-", metrics = "-metrics", vm = "x-vm-v", data = "-data";
  if (name.starts_with(dcc) && name.ends_with(metrics)) {
    const auto middle = name.size() - std::min(name.size(), dcc.size() + metrics.size());
    return middle >= 2 && middle <= 25;
  }
  return name.size() == vm.size() + 1 + data.size() && name.starts_with(vm) &&
         is_digit(name[vm.size()]) && name.ends_with(data);
}

// Keys and signatures: never two alike.
constexpr std::array<std::string_view, 15> signatures{
    "x-face",
    "dkim-signature",
    "domainkey-signature",
    "x-google-dkim-signature",
    "arc-seal",
    "arc-message-signature",
    "autocrypt",
    "x-pgp-fingerprint",
    "x-pgp-key-fingerprint",
    "x-gpg-fingerprint",
    "x-gpg-key-fingerprint",
    "x-gnupg-fingerprint",
    "x-gnupg-key-fingerprint",
    "x-gnu-pg-fingerprint",
    "x-gnu-pg-key-fingerprint",
};

class HeaderTokens {
 public:
  HeaderTokens(const BayesSettings& settings, Matcher& matcher, TokenBag& bag)
      : settings_(settings),
        matcher_(matcher),
        bag_(bag),
        lines_(settings, matcher, bag),
        most_(bag.size() + most_header_tokens) {}

  void add(const HeaderText& field) {
    const auto lower_name = to_lower(field.name);
    if (bag_.size() >= most_ || settings_.ignored_headers.contains(lower_name) ||
        std::ranges::find(signatures, lower_name) != signatures.end())
      return;
    const auto value = telling_value(field, lower_name, matcher_);
    add_as(short_name(field.name), value);
    const auto common = common_name(lower_name);
    if (!common.empty()) add_as(common, value);
  }

 private:
  void add_as(std::string_view name, std::string_view value) {
    prefix_.assign("H").append(name).append(":");
    lines_.add(value, prefix_, Region::header);
  }

  const BayesSettings& settings_;
  Matcher& matcher_;
  TokenBag& bag_;
  LineTokens lines_;
  std::size_t most_;
  std::string prefix_;
};

}  // namespace

bool is_ignored_header(std::string_view name) {
  const auto lower_name = to_lower(name);
  return std::ranges::find(ignored_names, lower_name) != ignored_names.end() ||
         is_of_family(lower_name) || is_of_pattern(lower_name);
}

void add_header_tokens(std::span<const HeaderText> fields, std::span<const HeaderText> relays,
                       const BayesSettings& settings, Matcher& matcher, TokenBag& bag) {
  HeaderTokens tokens(settings, matcher, bag);
  std::vector<const HeaderText*> received;
  for (const auto& field : fields) {
    if (equals_ignoring_case(field.name, "Received")) {
      received.push_back(&field);
    } else if (!is_ignored_header(field.name)) {
      tokens.add(field);
    }
  }
  for (const auto& relay : relays) tokens.add(relay);
  constexpr std::size_t counted = 2;
  for (std::size_t i = 0; i < std::min(counted, received.size()); ++i)
    tokens.add(*received[received.size() - 1 - i]);
}

}  // namespace postern
