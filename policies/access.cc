#include "policies/access.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

using Kind = AccessAction::Kind;

enum class Argument { text, reply, header, address };

struct Verb {
  std::string_view name;
  Kind kind;
  Argument argument;
  std::uint16_t code = 0;
  std::string_view default_text = {};
};

constexpr std::array<Verb, 14> verbs = {{
    {"OK", Kind::ok, Argument::text},
    {"RELAY", Kind::ok, Argument::text},
    {"DUNNO", Kind::dunno, Argument::text},
    {"REJECT", Kind::reject, Argument::reply, 554, "Access denied"},
    {"DEFER", Kind::defer, Argument::reply, 450, "Access denied"},
    {"DEFER_IF_PERMIT", Kind::defer_if_permit, Argument::reply, 450, "Service unavailable"},
    {"DEFER_IF_REJECT", Kind::defer_if_reject, Argument::reply, 450, "Service unavailable"},
    {"DISCARD", Kind::discard, Argument::text},
    {"HOLD", Kind::hold, Argument::text},
    {"WARN", Kind::warn, Argument::text},
    {"INFO", Kind::info, Argument::text},
    {"PREPEND", Kind::prepend, Argument::header},
    {"REDIRECT", Kind::redirect, Argument::address},
    {"BCC", Kind::bcc, Argument::address},
}};

std::string_view subject_name(AccessSubject subject) {
  switch (subject) {
    case AccessSubject::client:
      return "Client host";
    case AccessSubject::helo:
      return "Helo command";
    case AccessSubject::sender:
      return "Sender address";
    case AccessSubject::recipient:
      return "Recipient address";
  }
  return {};
}

std::uint16_t sender_detail(std::uint16_t detail) {
  switch (detail) {
    case 2:
    case 8:
      return 8;  // bad system address
    case 3:
    case 7:
      return 7;  // bad syntax
    default:
      return 0;
  }
}

std::uint16_t recipient_detail(std::uint16_t detail) {
  switch (detail) {
    case 7:
      return 3;
    case 8:
      return 2;
    default:
      return detail <= 6 ? detail : std::uint16_t{0};
  }
}

bool is_decision(Kind kind) {
  return kind == Kind::ok || kind == Kind::reject || kind == Kind::defer || kind == Kind::discard;
}

/// "550 5.7.1 text" without the 550: the reply that it stands for.
Reply worded_reply(std::uint16_t code, std::string_view text, std::string_view default_text,
                   const AccessContext& context) {
  EnhancedCode enhanced{static_cast<std::uint8_t>(code / 100), 7, 1};
  const std::size_t blank = std::min(text.find_first_of(" \t"), text.size());
  if (const auto given = parse_enhanced(text.substr(0, blank))) {
    enhanced = fit_enhanced(*given, code, context.subject);
    text = trim(text.substr(blank));
  }
  if (text.empty()) text = default_text;
  std::string wording = "<" + context.shown + ">: ";
  wording.append(subject_name(context.subject)).append(" rejected: ").append(text);
  return reply(code, enhanced, std::move(wording));
}

/// "421 ..." or "550 ...": the code, or nothing for what does not begin with 4NN or 5NN.
std::optional<std::uint16_t> refusal_code(std::string_view word) {
  const auto code = parse_number(word, 599);
  if (word.size() != 3 || !code || *code < 400) return std::nullopt;
  return static_cast<std::uint16_t>(*code);
}

Result<> check_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  // RFC 5322 §2.2: a field name is printable ASCII without the colon.
  const bool good_name =
      colon != std::string_view::npos && !name.empty() &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > 32 && c < 127; });
  const bool good_value = std::none_of(text.begin(), text.end(),
                                       [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  if (good_name && good_value) return {};
  return fail(std::errc::invalid_argument,
              "PREPEND needs a header field behind it, as in: PREPEND X-Seen: yes");
}

Result<> check_argument(const Verb& verb, std::string_view rest) {
  if (verb.argument == Argument::header) return check_header(rest);
  if (verb.argument == Argument::address) {
    const auto address = parse_address(rest);
    if (!address || address->domain.empty()) {
      return fail(std::errc::invalid_argument, std::string(verb.name) +
                                                   " needs an address behind it, as in: " +
                                                   std::string(verb.name) + " user@example.org");
    }
  }
  return {};
}

Result<AccessAction> unknown_action(std::string_view value, std::string_view word) {
  if (equals_ignoring_case(word, "FILTER")) {
    return fail(std::errc::not_supported,
                "FILTER is not an action here: which filters a message passes is set in the "
                "configuration of the pipeline");
  }
  std::vector<std::string> known;
  for (const Verb& verb : verbs) known.emplace_back(verb.name);
  std::string message = "\"" + printable(value, 60) + "\" is not an action";
  std::string upper(word);
  for (char& c : upper) {
    if (is_alpha(c)) c = static_cast<char>(lower(c) - 32);
  }
  if (const auto meant = nearest(upper, known)) message += "; did you mean " + *meant + "?";
  return fail(std::errc::invalid_argument,
              message +
                  "; there are OK DUNNO REJECT DEFER 4NN 5NN DEFER_IF_PERMIT "
                  "DEFER_IF_REJECT DISCARD HOLD WARN INFO PREPEND REDIRECT BCC");
}

std::unexpected<Error> in_map(const Map& map, const std::string& key, Error error) {
  return fail_at(map.name() + ", entry for \"" + printable(key, 80) + "\"", std::move(error));
}

/// What one map says: the first of the keys that it has.
Result<AccessAction> check_one(const Map& map, std::span<const LookupKey> keys,
                               const AccessContext& context) {
  for (const LookupKey& key : keys) {
    if (key.partial && map.searches_whole_key()) continue;
    TRY(const auto value, map.find(key.text));
    if (!value) continue;
    auto action = parse_access_action(*value, context);
    if (!action) return in_map(map, key.text, std::move(action).error());
    action->map = map.name();
    action->key = key.text;
    return action;
  }
  return AccessAction{};
}

}  // namespace

EnhancedCode fit_enhanced(EnhancedCode code, std::uint16_t reply_code, AccessSubject subject) {
  code.klass = static_cast<std::uint8_t>(reply_code / 100);
  if (code.subject != 1) return code;
  switch (subject) {
    case AccessSubject::sender:
      code.detail = sender_detail(code.detail);
      break;
    case AccessSubject::recipient:
      code.detail = recipient_detail(code.detail);
      break;
    case AccessSubject::client:
    case AccessSubject::helo:
      code.subject = 0;  // no address is spoken of
      code.detail = 0;
      break;
  }
  return code;
}

Result<AccessAction> parse_access_action(std::string_view value, const AccessContext& context) {
  value = trim(value);
  const std::size_t blank = std::min(value.find_first_of(" \t"), value.size());
  const std::string_view word = value.substr(0, blank);
  const std::string_view rest = trim(value.substr(blank));

  AccessAction action;
  if (const auto code = refusal_code(word)) {
    action.kind = *code < 500 ? Kind::defer : Kind::reject;
    action.reply = worded_reply(*code, rest, "Access denied", context);
    action.hang_up = *code == 421 || *code == 521;
    action.text = rest;
    return action;
  }
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_digit)) {
    action.kind = Kind::ok;
    return action;
  }
  for (const Verb& verb : verbs) {
    if (!equals_ignoring_case(word, verb.name)) continue;
    TRY(check_argument(verb, rest));
    action.kind = verb.kind;
    action.text = rest;
    if (verb.argument == Argument::reply) {
      action.reply = worded_reply(verb.code, rest, verb.default_text, context);
    }
    return action;
  }
  return unknown_action(value, word);
}

Result<AccessResult> check_access(const MapList& maps, std::span<const LookupKey> keys,
                                  const AccessContext& context) {
  AccessResult result;
  for (const auto& map : maps.maps()) {
    TRY(auto action, check_one(*map, keys, context));
    if (is_decision(action.kind)) {
      result.decision = std::move(action);
      return result;
    }
    if (action.kind != Kind::dunno) result.notes.push_back(std::move(action));
  }
  return result;
}

void check_access_values(const MapList& maps, std::vector<Problem>& problems) {
  for (const auto& map : maps.maps()) {
    map->each_value([&problems](const std::string& where, std::string_view value) {
      const auto action = parse_access_action(value, {});
      if (!action) problems.push_back({where, action.error().what});
    });
  }
}

}  // namespace postern
