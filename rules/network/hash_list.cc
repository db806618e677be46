#include "rules/network/hash_list.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/network/lookup_settings.h"

namespace postern {
namespace {

struct HashFunction {
  std::string_view name;
  HashSubject subject;
  std::size_t test;          // which argument is the test of the answer
  std::string_view options;  // where none are given
};

constexpr std::string_view usual_options = "sha1/max=10/shuffle";
constexpr std::array functions{
    HashFunction{"check_hashbl_emails", HashSubject::emails, 3,
                 "sha1/notag/noquote/max=10/shuffle"},
    HashFunction{"check_hashbl_uris", HashSubject::uris, 2, usual_options},
    HashFunction{"check_hashbl_bodyre", HashSubject::body, 3, usual_options},
    HashFunction{"check_hashbl_tag", HashSubject::tag, 3, usual_options},
    HashFunction{"check_hashbl_attachments", HashSubject::attachments, 2, usual_options},
};

// Addresses of nobody in particular, and those that mailing systems make up for each message.
constexpr std::string_view usual_welcome =
    "/^(?:abuse|support|sales|info|helpdesk|contact|kontakt|(?:post|host|domain)master"
    "|undisclosed.*|request-[a-f0-9]{16}|bounced?-"
    "|[a-f0-9]{8}(?:\\.[a-f0-9]{8}|-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})"
    "|.+=.+=.+)\\@/i";

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::shared_ptr<const Regex> usual_welcome_list() {
  static const auto made = [] {
    auto regex = Regex::compile(usual_welcome);
    return std::make_shared<const Regex>(*std::move(regex));
  }();
  return made;
}

/// Perl's idea of what is missing: nothing, or "0".
bool is_given(const std::string& argument) { return !argument.empty() && argument != "0"; }

std::string argument(const std::vector<std::string>& arguments, std::size_t i) {
  return i < arguments.size() ? arguments[i] : std::string();
}

/// "list.example/A" -> the zone; false where it is asked for TXT.
bool take_type(std::string& zone) {
  const auto slash = zone.rfind('/');
  if (slash == std::string::npos) return true;
  const auto type = to_lower(std::string_view(zone).substr(slash + 1));
  if (type != "a" && type != "txt") return true;
  zone.resize(slash);
  return type == "a";
}

struct Flag {
  std::string_view name;
  bool HashOptions::* member;
};
constexpr std::array flags{
    Flag{"case", &HashOptions::keep_case},   Flag{"nodot", &HashOptions::no_dot},
    Flag{"notag", &HashOptions::no_tag},     Flag{"nouri", &HashOptions::no_uri},
    Flag{"noquote", &HashOptions::no_quote}, Flag{"user", &HashOptions::user},
    Flag{"host", &HashOptions::host},        Flag{"domain", &HashOptions::domain},
    Flag{"num", &HashOptions::digits},       Flag{"ip", &HashOptions::ip},
    Flag{"ipv4", &HashOptions::ipv4},        Flag{"ipv6", &HashOptions::ipv6},
    Flag{"revip", &HashOptions::reversed},   Flag{"fqdn", &HashOptions::qualified},
    Flag{"tld", &HashOptions::known_top},    Flag{"trim", &HashOptions::trimmed},
    Flag{"raw", &HashOptions::raw},          Flag{"maxsize", &HashOptions::has_largest},
};

/// Of several digests SHA-256 counts more than SHA-1, and that more than MD5.
struct Digest {
  std::string_view name;
  DigestKind kind;
};
constexpr std::array digests{Digest{"md5", DigestKind::md5}, Digest{"sha1", DigestKind::sha1},
                             Digest{"sha256", DigestKind::sha256}};

std::expected<void, UnboundCall> bind_pattern(HashList& list, const std::string& written) {
  if (!is_given(written)) return never_hits("the expression to look for in the body is missing");
  const auto delimited = delimited_pattern(written);
  if (!delimited) return std::unexpected("the expression has too many kinds of punctuation");
  auto regex = Regex::compile(*delimited);
  if (!regex) return never_hits(regex.error().what);
  list.pattern = std::make_shared<const Regex>(*std::move(regex));
  return {};
}

std::expected<void, UnboundCall> bind_subject(HashList& list,
                                              const std::vector<std::string>& arguments,
                                              const HashListSettings& settings) {
  const auto third = argument(arguments, 2);
  switch (list.subject) {
    case HashSubject::emails:
      list.headers = is_given(third) ? third : "ALLFROM/Reply-To/body";
      list.acl = argument(arguments, 4);
      list.welcome = settings.welcome ? settings.welcome : usual_welcome_list();
      if (!list.acl.empty() && list.acl != "all" && !settings.knows(list.acl))
        return never_hits(fmt::format("no line hashbl_acl_{} says which domains", list.acl));
      return {};
    case HashSubject::body:
      return bind_pattern(list, third);
    case HashSubject::tag:
      if (third.empty()) return never_hits("the name of a tag is missing");
      list.tag = third;
      if (list.tag.size() > 2 && list.tag.starts_with('_') && list.tag.ends_with('_'))
        list.tag = list.tag.substr(1, list.tag.size() - 2);
      std::ranges::transform(list.tag, list.tag.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      });
      list.options.qualified |= list.options.trimmed;
      list.options.known_top |= list.options.trimmed;
      return {};
    case HashSubject::uris:
    case HashSubject::attachments:
      if (list.options.raw) return never_hits("the option raw makes no name of the DNS here");
      return {};
  }
  return {};
}

}  // namespace

bool is_hash_function(std::string_view name) {
  return std::ranges::find(functions, name, &HashFunction::name) != functions.end();
}

HashOptions HashOptions::parse(std::string_view written) {
  HashOptions out;
  const auto options = to_lower(written);
  for (const auto piece : split(options, '/')) {
    const auto option = trim(piece);
    const auto equals = option.find('=');
    const auto name = option.substr(0, equals);
    const auto value = equals == std::string_view::npos ? "1" : option.substr(equals + 1);
    const auto count = number(value);
    if (name == "max") out.most = count > 0 ? count : HashOptions().most;
    if (name == "minsize") out.smallest = count;
    for (const auto& flag : flags) {
      if (flag.name == name) out.*flag.member = count > 0;
    }
    for (const auto& digest : digests) {
      if (digest.name == name && count > 0) out.digest = std::max(out.digest, digest.kind);
    }
  }
  return out;
}

std::expected<HashList, UnboundCall> HashList::bind(std::string_view function,
                                                    const std::vector<std::string>& arguments,
                                                    const LookupSettings& settings) {
  const auto known = std::ranges::find(functions, function, &HashFunction::name);
  if (known == functions.end()) return std::unexpected("no function that asks for digests");
  if (arguments.empty()) return never_hits("the name of the list is missing");
  HashList list;
  list.subject = known->subject;
  list.zone = arguments[0];
  // SpamAssassin asks for TXT, and then looks for an address in the answer, which is not there.
  if (!take_type(list.zone)) return never_hits("answers of the type TXT are never looked at");
  const auto options = argument(arguments, 1);
  list.options = HashOptions::parse(is_given(options) ? std::string_view(options) : known->options);
  const auto test = argument(arguments, known->test);
  auto answer = AnswerTest::of_bare_pattern(is_given(test) ? test : "^127\\.");
  if (!answer) return never_hits(answer.error());
  list.test = *std::move(answer);
  if (auto bound = bind_subject(list, arguments, settings.hash_lists); !bound)
    return std::unexpected(bound.error());
  return list;
}

}  // namespace postern
