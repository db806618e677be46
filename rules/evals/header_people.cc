// HeaderEval.pm of SpamAssassin 4.0.1: who writes to whom.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

/// The last two labels of a host name; a name that has no more stays as it is.
std::string_view last_two_labels(std::string_view host) {
  const auto last = host.rfind('.');
  if (last == std::string_view::npos || last == 0 || last + 1 == host.size()) return host;
  const auto before = host.rfind('.', last - 1);
  const bool parted = before != std::string_view::npos && before > 0 && last - before > 1;
  return parted ? host.substr(before + 1) : host;
}

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

/// The sender's two domains differ, as far as both are known.
double check_equal_from_domains(ScannedMessage& message) {
  const auto author = last_two_labels(domain_of(message.headers().get("From:addr")));
  if (author.empty()) return 0;
  const auto envelope = last_two_labels(domain_of(message.headers().get("EnvelopeFrom:addr")));
  return !envelope.empty() && !equals_ignoring_case(author, envelope);
}

double check_for_matching_env_and_hdr_from(ScannedMessage& message) {
  auto& headers = message.headers();
  return equals_ignoring_case(headers.get("EnvelopeFrom:addr"), headers.get("From:addr"));
}

double check_for_missing_to_header(ScannedMessage& message) {
  auto& headers = message.headers();
  return headers.get("To").empty() && headers.get("Apparently-To").empty();
}

constexpr std::size_t enough_to_be_sorted = 7;
constexpr std::size_t enough_to_be_similar = 5;
constexpr std::size_t most_compared = 256;  // each with each

/// The addresses that a message names as its recipients, judged as a list.
struct RecipientList {
  explicit RecipientList(ScannedMessage& message) {
    collect(message.headers());
    sorted = addresses.size() >= enough_to_be_sorted && std::ranges::is_sorted(addresses);
    if (addresses.size() >= enough_to_be_similar) similarity = compare();
  }

  bool sorted = false;
  double similarity = 0;  // likenesses a pair

 private:
  void collect(HeaderValues& headers) {
    auto listed = headers.list("ToCc:addr");
    if (listed.size() < enough_to_be_similar) {
      const auto& hidden = headers.list("Bcc:addr");
      listed.insert(listed.end(), hidden.begin(), hidden.end());
    }
    for (auto& address : listed) {
      if (address.empty() || address == "0") return;  // false in Perl, and ends the list there
      if (!addresses.empty() && equals_ignoring_case(addresses.back(), address)) continue;
      addresses.push_back(std::move(address));
      if (addresses.size() == most_compared) return;
    }
  }

  double compare() const {
    // An address without a host leaves no gap: the hosts of later ones move up, as in SpamAssassin.
    std::vector<std::string_view> hosts;
    for (const std::string_view address : addresses) {
      if (const auto at = address.find('@'); at != std::string_view::npos)
        hosts.push_back(address.substr(at + 1));
    }
    hosts.resize(addresses.size());
    const auto start = [](std::string_view text) { return text.substr(0, 2); };
    std::size_t alike = 0, pairs = 0;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      for (std::size_t j = i + 1; j < addresses.size(); ++j, ++pairs) {
        if (start(addresses[i]) == start(addresses[j])) ++alike;
        if (start(hosts[i]) == start(hosts[j]) && hosts[i] != hosts[j]) ++alike;
      }
    }
    return static_cast<double>(alike) / static_cast<double>(pairs);
  }

  std::vector<std::string> addresses;
};

double sorted_recipients(ScannedMessage& message) { return message.memo<RecipientList>().sorted; }

BindResult similar_recipients(const EvalArguments& arguments, const RuleSettings&) {
  return [range = open_range(arguments)](ScannedMessage& message) -> double {
    return range.holds(message.memo<RecipientList>().similarity);
  };
}

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

/// What is left of a text while it is read; a piece that does not come leaves it as it was.
struct Reading {
  std::string_view rest;

  bool take(std::string_view piece) {
    if (!rest.starts_with(piece)) return false;
    rest.remove_prefix(piece.size());
    return true;
  }
  bool take_ignoring_case(std::string_view piece) {
    if (!starts_with_ignoring_case(rest, piece)) return false;
    rest.remove_prefix(piece.size());
    return true;
  }
  bool take_mark(std::string_view marks) {
    if (rest.empty() || marks.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::size_t skip(bool (*kind)(char)) {
    const auto end = std::ranges::find_if_not(rest, kind);
    const auto count = static_cast<std::size_t>(end - rest.begin());
    rest.remove_prefix(count);
    return count;
  }
  bool at_end() const { return rest.empty() || rest == "\n"; }
};

constexpr std::string_view marks = ",:;!?-";

/// "re: [word] user"
bool answers(Reading subject, std::string_view user) {
  if (!subject.take_ignoring_case("re:") && !subject.take_ignoring_case("fw:")) return false;
  subject.skip(is_space);
  auto direct = subject;
  if (direct.take_ignoring_case(user) && direct.at_end()) return true;
  return subject.skip(is_word) > 0 && subject.skip(is_space) > 0 &&
         subject.take_ignoring_case(user) && subject.at_end();
}

/// "user, …", in the user's own spelling
bool addresses_user(Reading subject, std::string_view user) {
  if (!subject.take(user)) return false;
  subject.skip(is_space);
  return subject.take_mark(marks) && (subject.rest.empty() || is_space(subject.rest.front()));
}

bool is_user(Reading subject, std::string_view user) {
  return subject.take_ignoring_case(user) && subject.at_end();
}

/// ", user!"
bool ends_with_user(Reading subject, std::string_view user) {
  if (!subject.take(",")) return false;
  subject.skip(is_space);
  return subject.take_ignoring_case(user) && subject.take_mark(marks) && subject.at_end();
}

double names_user(ScannedMessage& message) {
  auto& headers = message.headers();
  const auto recipient = headers.get("To:addr");
  if (recipient.empty()) return 0;
  const auto user = recipient.substr(0, recipient.find('@'));
  const Reading subject{headers.get("Subject")};
  return answers(subject, user) || addresses_user(subject, user) || is_user(subject, user) ||
         ends_with_user(subject, user);
}

/// Perl's \b between two octets, either of which may be missing.
bool is_boundary(std::string_view text, std::size_t at) {
  const bool before = at > 0 && is_word(text[at - 1]);
  const bool behind = at < text.size() && is_word(text[at]);
  return before != behind;
}

double names_address(ScannedMessage& message) {
  const auto address = to_lower(message.headers().get("To:addr"));
  if (address.empty()) return 0;
  const auto subject = to_lower(message.headers().get("Subject"));
  for (auto at = subject.find(address); at != std::string::npos;
       at = subject.find(address, at + 1)) {
    if (is_boundary(subject, at) && is_boundary(subject, at + address.size())) return 1;
  }
  return 0;
}

BindResult check_for_to_in_subject(const EvalArguments& arguments, const RuleSettings&) {
  const std::string what = arguments.empty() ? "" : arguments.front();
  if (what == "user") return BoundEval(names_user);
  if (what == "address") return BoundEval(names_address);
  return std::unexpected("the argument is 'user' or 'address'");
}

/// The recipient in the sender's address: "user=example.org@host", as bounce-aware lists have it,
/// but written the other way round: "example.org=user@host".
double check_ratware_envelope_from(ScannedMessage& message) {
  const auto recipient = message.headers().get("To:addr");
  const auto sender = to_lower(message.headers().get("EnvelopeFrom:addr"));
  if (sender.empty() || recipient.empty()) return 0;
  const bool rewritten = sender.size() > 4 && sender.starts_with("srs") && is_digit(sender[3]) &&
                         (sender[4] == '=' || sender[4] == '+' || sender[4] == '-');
  const auto at = recipient.find('@');
  if (rewritten || at == std::string_view::npos || at == 0 || at + 1 == recipient.size()) return 0;
  const auto& boundaries = message.settings().domains.boundaries;
  const auto domain = to_lower(boundaries.trim_domain(recipient.substr(at + 1)));
  if (!boundaries.is_domain_valid(domain)) return 0;
  const auto user = to_lower(recipient.substr(0, at)) + '@';
  for (auto from = sender.find(domain); from != std::string::npos;
       from = sender.find(domain, from + 1)) {
    const auto behind = from + domain.size();
    if (is_boundary(sender, from) && behind < sender.size() && sender[behind] != '\n' &&
        std::string_view(sender).substr(behind + 1).starts_with(user))
      return 1;
  }
  return 0;
}

constexpr std::array functions{
    EvalFunction{"check_equal_from_domains", bind_plain<check_equal_from_domains>},
    EvalFunction{"check_for_matching_env_and_hdr_from",
                 bind_plain<check_for_matching_env_and_hdr_from>},
    EvalFunction{"check_for_missing_to_header", bind_plain<check_for_missing_to_header>},
    EvalFunction{"check_for_to_in_subject", check_for_to_in_subject},
    EvalFunction{"check_ratware_envelope_from", bind_plain<check_ratware_envelope_from>},
    EvalFunction{"similar_recipients", similar_recipients},
    EvalFunction{"sorted_recipients", bind_plain<sorted_recipients>},
};

}  // namespace

EvalTable header_people_evals() { return functions; }

}  // namespace postern
