// access.cc — what the administrator's tables say of a client, its HELO, a sender, a recipient.
//
// The tables are Postfix's (access(5)); lookup order and actions are in policies/access.h. OK skips
// the rest of the same stage and nothing else. Each list is asked when its subject is known, and
// the session says a refusal at RCPT (smtpd_delay_reject), as Postfix does.
#include <algorithm>
#include <array>

#include "filters/configured_maps.h"
#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/pipeline/filter.h"
#include "policies/access.h"
#include "policies/address_lookup.h"

namespace postern {

extern const FilterType access_filter;

namespace {

constexpr Event access_warning{
    "access-warning", Level::warning,
    "An access table has a WARN entry for this; the mail goes on. map= and key= name "
    "the entry."};
constexpr Event access_note{
    "access-note", Level::info,
    "An access table has an INFO entry for this; the mail goes on. map= and key= name "
    "the entry."};

struct Settings {
  std::array<MapList, 4> lists;  // by AccessSubject
  std::string recipient_delimiter;

  const MapList& list(AccessSubject subject) const {
    return lists[static_cast<std::size_t>(subject)];
  }
};

std::string found_in(const AccessAction& action) {
  return action.map + ": " + printable(action.key, 100);
}

Verdict verdict_of(const AccessAction& decision) {
  switch (decision.kind) {
    case AccessAction::Kind::ok:
      return Verdict::accept;
    case AccessAction::Kind::discard:
      return Verdict::discard;
    case AccessAction::Kind::reject:
      return decision.hang_up ? Verdict::hang_up : Verdict::reject;
    case AccessAction::Kind::defer:
      return decision.hang_up ? Verdict::hang_up : Verdict::defer;
    // Whatever later filters say, at best this is a deferral; should they refuse for good, the
    // client hears it at its next attempt.
    case AccessAction::Kind::defer_if_permit:
      return Verdict::defer;
    case AccessAction::Kind::hold:
      return Verdict::quarantine;
    case AccessAction::Kind::dunno:
    case AccessAction::Kind::defer_if_reject:
    case AccessAction::Kind::warn:
    case AccessAction::Kind::info:
    case AccessAction::Kind::prepend:
    case AccessAction::Kind::redirect:
    case AccessAction::Kind::bcc:
      return Verdict::pass;
  }
  return Verdict::pass;
}

std::optional<Change> change_of(const AccessAction& action) {
  switch (action.kind) {
    case AccessAction::Kind::prepend: {
      const std::size_t colon = action.text.find(':');
      const std::string_view value = std::string_view(action.text).substr(colon + 1);
      return Change{Change::Kind::add_field, action.text.substr(0, colon),
                    std::string(trim(value))};
    }
    case AccessAction::Kind::redirect:
      return Change{Change::Kind::redirect, "", action.text};
    case AccessAction::Kind::bcc:
      return Change{Change::Kind::add_recipient, "", action.text};
    default:
      return {};
  }
}

Opinion opinion_of(const AccessAction& action) {
  Opinion out;
  out.verdict = verdict_of(action);
  if (out.verdict == Verdict::pass || out.verdict == Verdict::accept) return out;
  out.reply = action.reply;
  out.reason = found_in(action);
  if (!action.text.empty()) out.reason += " (" + printable(action.text) + ")";
  return out;
}

void log_note(const Evidence& evidence, const AccessAction& action, const AccessContext& about) {
  if (action.kind != AccessAction::Kind::warn && action.kind != AccessAction::Kind::info) return;
  const Event& event = action.kind == AccessAction::Kind::warn ? access_warning : access_note;
  log(event, {{"session", evidence.connection.session},
              {"client", evidence.connection.client.host},
              {"about", about.shown},
              {"map", action.map},
              {"key", action.key},
              {"reason", action.text}});
}

/// DEFER_IF_REJECT needs to know what later filters will say: an entry that cannot be kept is
/// refused rather than read as something else.
std::string not_kept(const std::string& map) {
  return map + ": DEFER_IF_REJECT is not an action of this filter; use DEFER";
}

class AccessFilter final : public Filter {
 public:
  explicit AccessFilter(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  Task<Answer> on_connect(Context context) override {
    const ConnectionFacts& connection = context.evidence.connection;
    const auto address = IpAddress::parse(connection.client.host);
    const std::string name = connection.client_name.empty() ? "unknown" : connection.client_name;
    const LookupKeys keys =
        address ? client_keys(name, *address) : domain_keys(name, ParentForm::both);
    co_return ask(context, AccessSubject::client, keys, name + "[" + connection.client.host + "]");
  }

  Task<Answer> on_helo(Context context) override {
    const std::string& helo = context.evidence.helo;
    if (helo.empty()) co_return Opinion{};
    co_return ask(context, AccessSubject::helo, domain_keys(to_lower(helo), ParentForm::both),
                  helo);
  }

  Task<Answer> on_mail(Context context) override {
    const std::string& sender = context.evidence.sender.address;
    const LookupKeys keys = access_keys(sender, settings_->recipient_delimiter);
    co_return ask(context, AccessSubject::sender, keys, sender);
  }

  Task<Answer> on_rcpt(Context context, RecipientFacts recipient) override {
    const LookupKeys keys = access_keys(recipient.address, settings_->recipient_delimiter);
    co_return ask(context, AccessSubject::recipient, keys, recipient.address);
  }

 private:
  Answer ask(const Context& context, AccessSubject subject, const LookupKeys& keys,
             const std::string& shown) const {
    const AccessContext about{subject, printable(shown)};
    TRY(const auto result, check_access(settings_->list(subject), keys, about));
    Opinion out = opinion_of(result.decision);
    for (const auto& note : result.notes) {
      if (note.kind == AccessAction::Kind::defer_if_reject)
        return fail(std::errc::not_supported, not_kept(note.map));
      log_note(context.evidence, note, about);
      if (auto change = change_of(note)) out.changes.push_back(std::move(*change));
      merge(out, opinion_of(note));
    }
    return out;
  }

  std::shared_ptr<const Settings> settings_;
};

class AccessFactory final : public FilterFactory {
 public:
  explicit AccessFactory(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override {
    return std::make_unique<AccessFilter>(settings_);
  }

  bool answers(Stage stage) const override {
    switch (stage) {
      case Stage::connect:
        return !settings_->list(AccessSubject::client).empty();
      case Stage::helo:
        return !settings_->list(AccessSubject::helo).empty();
      case Stage::mail:
        return !settings_->list(AccessSubject::sender).empty();
      case Stage::rcpt:
        return !settings_->list(AccessSubject::recipient).empty();
      case Stage::message:
        return false;
    }
    return false;
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

/// The values that can be read ahead; the others are met when they are found.
void check_values(const MapList& maps, std::vector<Problem>& problems) {
  check_access_values(maps, problems);
  for (const auto& map : maps.maps()) {
    map->each_value([&](const std::string& where, std::string_view value) {
      const auto action = parse_access_action(value, {});
      const bool bad = action && action->kind == AccessAction::Kind::defer_if_reject;
      if (bad) problems.push_back({where, not_kept(map->name())});
    });
  }
}

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> described{{
      {"check_client_access",
       "Access tables asked for the client: its name and parent domains, then its address, cut "
       "octet by octet."},
      {"check_helo_access",
       "Access tables asked for the name that the client gave in HELO, and its parent domains."},
      {"check_sender_access",
       "Access tables asked for the sender: user@domain, domain and parents, user@; the null "
       "sender as <>."},
      {"check_recipient_access",
       "Access tables asked for each recipient: user@domain, domain and parents, user@."},
  }};
  auto settings = std::make_shared<Settings>();
  bool good = true;
  for (std::size_t i = 0; i < described.size(); ++i) {
    const auto [name, help] = described[i];
    std::vector<Problem> problems;
    settings->lists[i] = read_maps(keys, name, help, problems);
    check_values(settings->lists[i], problems);
    if (report_problems(keys, name, problems)) good = false;
  }
  keys.text("recipient_delimiter", settings->recipient_delimiter,
            "Characters that separate a user from an extension: with \"+\", user+ext@domain is "
            "also looked up as "
            "user@domain.");
  if (!good) return nullptr;
  return std::make_shared<AccessFactory>(std::move(settings));
}

}  // namespace

const FilterType access_filter{
    .name = "access",
    .help =
        "Accepts, refuses, holds or redirects by the administrator's tables of clients, HELO "
        "names, senders and "
        "recipients.",
    .placement = Placement::gateway,
    .configure = configure,
    .default_on_failure = "defer",  // a table that cannot be asked is never "not found"
};

}  // namespace postern
