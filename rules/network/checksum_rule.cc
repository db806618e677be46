#include "rules/network/checksum_rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "rules/network/network_rules.h"
#include "rules/pyzor/digest.h"

namespace postern {
namespace {

using Kind = ChecksumRule::Kind;
constexpr std::array<std::pair<std::string_view, Kind>, 5> functions{{
    {"check_pyzor", Kind::pyzor},
    {"check_dcc", Kind::dcc},
    {"check_dcc_reputation_range", Kind::dcc_reputation},
    {"check_razor2", Kind::razor},
    {"check_razor2_range", Kind::razor_range},
}};

const auto* find_function(std::string_view name) {
  const auto* found = std::ranges::find(functions, name, &std::pair<std::string_view, Kind>::first);
  return found == functions.end() ? nullptr : found;
}

/// As Perl reads a number: what is none counts as 0.
double number_of(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_bulk(const DccReport& report, const ChecksumSettings& settings) {
  const double reputation = settings.use_dcc_reputation ? report.reputation.value_or(0) : 0;
  return report.body >= settings.dcc_body || report.fuz1 >= settings.dcc_fuz1 ||
         report.fuz2 >= settings.dcc_fuz2 || reputation >= settings.dcc_reputation;
}

}  // namespace

bool is_checksum_function(std::string_view name) { return find_function(name) != nullptr; }

std::expected<ChecksumRule, UnboundCall> ChecksumRule::bind(
    std::string_view function, const std::vector<std::string>& arguments) {
  const auto* const known = find_function(function);
  if (known == nullptr) return std::unexpected(UnboundCall("no function about checksums"));
  ChecksumRule rule{.kind = known->second};
  std::size_t next = 0;
  if (rule.kind == Kind::razor_range && !arguments.empty() && arguments[next++] != "0")
    rule.engine = arguments.front();
  if (arguments.size() > next) rule.least = number_of(arguments[next]);
  if (arguments.size() > next + 1) {
    rule.most = number_of(arguments[next + 1]);
  } else if (rule.kind == Kind::razor_range) {
    rule.most = 0;  // Perl's undef
  }
  return rule;
}

bool ChecksumRule::holds(const ChecksumReports& reports, const ChecksumSettings& settings) const {
  const auto in_range = [this](double value) { return value >= least && value <= most; };
  switch (kind) {
    case Kind::pyzor:
      return false;
    case Kind::dcc:
      return reports.dcc && settings.use_dcc && is_bulk(*reports.dcc, settings);
    case Kind::dcc_reputation:
      return reports.dcc && settings.use_dcc && settings.use_dcc_reputation &&
             reports.dcc->reputation && in_range(*reports.dcc->reputation);
    case Kind::razor:
      return reports.razor && settings.use_razor && reports.razor->spam;
    case Kind::razor_range:
      // Nobody tells us of single engines.
      return reports.razor && settings.use_razor && engine.empty() &&
             in_range(reports.razor->confidence.value_or(0));
  }
  return false;
}

bool is_reported(std::uint64_t reported, std::uint64_t welcome, const ChecksumSettings& settings) {
  // Empty messages and the like: everybody's digest is the same.
  constexpr std::uint64_t everybodys = 1'000'000;
  constexpr std::uint64_t everybodys_welcome = 10'000;
  if (reported >= everybodys || welcome >= everybodys_welcome) return false;
  const auto count = static_cast<double>(reported);
  const auto welcomed = static_cast<double>(welcome);
  const double enough =
      welcomed >= settings.pyzor_welcome ? count * settings.pyzor_welcome_factor : 0;
  if (enough != 0 && welcomed >= enough) return false;
  return count >= settings.pyzor_count;
}

void NetworkScan::ask_checksums() {
  const auto& settings = rules_.settings().checksums;
  bool asks_pyzor = false;
  for (const auto& rule : rules_.checksum_rules()) {
    asks_pyzor = asks_pyzor || (rule.kind == Kind::pyzor && settings.use_pyzor);
    if (rule.holds(message_.input().checksums, settings)) hits_[rule.rule] = 1;
  }
  if (!asks_pyzor) return;
  // The received message, as Pyzor's reporters see it: our own Received field changes nothing.
  if (auto digest = pyzor_digest(message_.octets()))
    asked_[{.name = *std::move(digest), .service = NetworkService::pyzor}];
}

void NetworkScan::take_pyzor(const NetworkAnswer& answer) {
  if (answer.status != NetworkAnswer::Status::found) return;
  if (!is_reported(answer.reported, answer.welcome, rules_.settings().checksums)) return;
  for (const auto& rule : rules_.checksum_rules()) {
    if (rule.kind == Kind::pyzor) hits_[rule.rule] = 1;
  }
}

}  // namespace postern
