// archive.cc — copies of every message for the archive: always_bcc, sender_bcc_maps,
// recipient_bcc_maps, with Postfix's meaning.
//
// A copy is a recipient of the same message, written in the same record of the spool as the others:
// there is no moment in which the mail is accepted and its copy is not. It is always of the
// original (under our Received field), whatever other filters change. All three are asked at the
// end of the message, so that only mail that goes on is looked up, and each address gets one copy.
#include <algorithm>

#include "filters/configured_maps.h"
#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"
#include "gateway/pipeline/filter.h"
#include "policies/address_lookup.h"

namespace postern {

extern const FilterType archive_filter;

namespace {

struct Settings {
  std::string always_bcc;
  MapList sender_bcc;
  MapList recipient_bcc;
  std::string recipient_delimiter;
};

Result<> check_archive(std::string_view text) {
  const auto address = parse_address(text);
  if (address && !address->domain.empty()) return {};
  return fail(std::errc::invalid_argument,
              "'" + printable(text, 100) +
                  "' is no archive address: one address is wanted, as in "
                  "archive@example.org");
}

void add_copy(Opinion& opinion, const std::string& address) {
  const bool known = std::ranges::any_of(opinion.changes, [&](const Change& change) {
    return equals_ignoring_case(change.value, address);
  });
  if (!known) opinion.changes.push_back({Change::Kind::archive_copy, "", address});
}

Result<> look_up(const MapList& maps, const std::string& address, const std::string& delimiter,
                 Opinion& opinion) {
  if (maps.empty()) return {};
  TRY(const auto match, maps.find(alias_keys(address, delimiter)));
  if (!match) return {};
  const std::string found(trim(match->value));
  if (auto good = check_archive(found); !good) return fail_at(match->map, std::move(good).error());
  add_copy(opinion, found);
  return {};
}

class ArchiveFilter final : public Filter {
 public:
  explicit ArchiveFilter(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  Task<Answer> on_message(Context context, Message) override {
    Opinion out;
    const Settings& settings = *settings_;
    if (!settings.always_bcc.empty()) add_copy(out, settings.always_bcc);
    const std::string& sender = context.evidence.sender.address;
    if (!sender.empty()) {
      CO_TRY(look_up(settings.sender_bcc, sender, settings.recipient_delimiter, out));
    }
    for (const auto& recipient : context.evidence.recipients) {
      CO_TRY(look_up(settings.recipient_bcc, recipient.address, settings.recipient_delimiter, out));
    }
    co_return out;
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

class ArchiveFactory final : public FilterFactory {
 public:
  explicit ArchiveFactory(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  std::unique_ptr<Filter> make() const override {
    return std::make_unique<ArchiveFilter>(settings_);
  }
  bool answers(Stage stage) const override {
    if (stage != Stage::message) return false;
    return !settings_->always_bcc.empty() || !settings_->sender_bcc.empty() ||
           !settings_->recipient_bcc.empty();
  }

 private:
  std::shared_ptr<const Settings> settings_;
};

MapList read_archive_maps(Keys& keys, std::string_view name, std::string_view help, bool& good) {
  std::vector<Problem> problems;
  MapList maps = read_maps(keys, name, help, problems);
  for (const auto& map : maps.maps()) {
    map->each_value([&](const std::string& where, std::string_view value) {
      if (const auto checked = check_archive(trim(value)); !checked)
        problems.push_back({where, checked.error().what});
    });
  }
  if (report_problems(keys, name, problems)) good = false;
  return maps;
}

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto settings = std::make_shared<Settings>();
  bool good = true;
  keys.text("always_bcc", settings->always_bcc,
            "An address that gets a copy of every message. Empty: none.");
  if (!settings->always_bcc.empty()) {
    if (const auto checked = check_archive(settings->always_bcc); !checked) {
      keys.problem("always_bcc", checked.error().what);
      good = false;
    }
  }
  settings->sender_bcc = read_archive_maps(
      keys, "sender_bcc_maps",
      "Tables from a sender (user@domain, @domain) to the address that gets a copy.", good);
  settings->recipient_bcc = read_archive_maps(
      keys, "recipient_bcc_maps",
      "Tables from a recipient (user@domain, @domain) to the address that gets a copy.", good);
  keys.text("recipient_delimiter", settings->recipient_delimiter,
            "Characters that separate a user from an extension: with \"+\", user+ext@domain is "
            "also looked up as "
            "user@domain.");
  if (!good) return nullptr;
  return std::make_shared<ArchiveFactory>(std::move(settings));
}

}  // namespace

const FilterType archive_filter{
    .name = "archive",
    .help = "Adds archive addresses as recipients of a copy of the original message.",
    .placement = Placement::gateway,
    .configure = configure,
    .default_on_failure = "defer",  // mail that must be archived does not go on without
};

}  // namespace postern
