// dnsbl.cc — what DNS lists say of the client's address: block-lists and, with negative weights,
// allow-lists. Syntax, weights and reply are those of Postfix's postscreen.
//
// All zones are asked at once, when the client connects; the weights of the entries that match add
// up, and from dnsbl_threshold on the client is refused. A zone that fails to answer, or cannot be
// believed (dnsbl_health.h), counts nothing: mail flows on. Trusted clients are not asked about.
#include <algorithm>

#include <fmt/format.h>

#include "filters/configured_maps.h"
#include "filters/dnsbl_health.h"
#include "filters/dnsbl_site.h"
#include "gateway/base/bytes.h"
#include "policies/network.h"

namespace postern {

extern const FilterType dnsbl_filter;

namespace {

struct Zone {
  Zone(std::string zone, std::string public_name)
      : name(std::move(zone)),
        shown(std::move(public_name)),
        health(name, shown),
        listings(counter("postern_dnsbl_listings_total", "Clients that a DNS list lists.",
                         {{"zone", shown}})),
        failures(counter("postern_dnsbl_failures_total",
                         "Questions that a DNS list did not answer.", {{"zone", shown}})) {}

  std::string name;
  std::string shown;
  std::vector<DnsblSite> sites;  // the entries that look at this zone's answers
  DnsblHealth health;
  Counter& listings;
  Counter& failures;
};

struct Lists {
  std::vector<std::unique_ptr<Zone>> zones;
  std::int64_t threshold = 1;
  milliseconds timeout = seconds(10);
};

Task<void> ask_zone(Zone& zone, Context context, std::string question, SteadyTime deadline,
                    ZoneAnswer& out) {
  TaskGroup test;
  test.spawn(zone.health.test_if_due(context, deadline));
  const DnsAnswer answer = co_await context.dns.query(std::move(question), RecordType::a, deadline);
  co_await test.empty();
  out = read_zone_answer(answer);
  if (out.failed) zone.failures.add();
  if (out.refused) zone.health.refused(context);
  if (!zone.health.believed()) out.listings.clear();
  if (!out.listings.empty()) zone.listings.add();
}

std::string answer_text(const ListAnswer& answer) {
  return fmt::format("{}.{}.{}.{}", answer[0], answer[1], answer[2], answer[3]);
}

/// Each entry counts once, however many of the answers it matches.
void add_findings(const Zone& zone, const ZoneAnswer& answer, std::vector<Finding>& findings) {
  for (const auto& site : zone.sites) {
    const auto listing = std::ranges::find_if(
        answer.listings, [&](const ListAnswer& one) { return site.matches(one); });
    if (listing == answer.listings.end()) continue;
    findings.push_back({zone.shown, static_cast<double>(site.weight), answer_text(*listing)});
  }
}

class DnsblFilter final : public Filter {
 public:
  explicit DnsblFilter(std::shared_ptr<Lists> lists) : lists_(std::move(lists)) {}

  Task<Answer> on_connect(Context context) override {
    const ConnectionFacts& connection = context.evidence.connection;
    const auto address = IpAddress::parse(connection.client.host);
    if (connection.trusted || !address) co_return Opinion{};

    const SteadyTime deadline = std::min(context.deadline, context.loop.now() + lists_->timeout);
    std::vector<ZoneAnswer> answers(lists_->zones.size());
    TaskGroup group;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Zone& zone = *lists_->zones[i];
      group.spawn(
          ask_zone(zone, context, address->reversed() + "." + zone.name, deadline, answers[i]));
    }
    co_await group.empty();

    Opinion out;
    for (std::size_t i = 0; i < answers.size(); ++i)
      add_findings(*lists_->zones[i], answers[i], out.findings);
    judge(out, address->text());
    co_return out;
  }

 private:
  void judge(Opinion& opinion, const std::string& client) const {
    double score = 0;
    std::string found;
    for (const auto& finding : opinion.findings) {
      score += finding.score;
      found += fmt::format(" {}={}*{}", finding.name, finding.text, finding.score);
    }
    if (opinion.findings.empty() || score < static_cast<double>(lists_->threshold)) return;
    const auto worst = std::ranges::max_element(opinion.findings, {}, &Finding::score);
    opinion.verdict = Verdict::reject;
    opinion.reply = reply(
        550, {5, 7, 1},
        fmt::format("Service unavailable; client [{}] blocked using {}", client, worst->name));
    opinion.reason = fmt::format("listed, {} of {}:{}", score, lists_->threshold, found);
  }

  std::shared_ptr<Lists> lists_;
};

class DnsblFactory final : public FilterFactory {
 public:
  explicit DnsblFactory(std::shared_ptr<Lists> lists) : lists_(std::move(lists)) {}

  std::unique_ptr<Filter> make() const override { return std::make_unique<DnsblFilter>(lists_); }
  bool answers(Stage stage) const override {
    return stage == Stage::connect && !lists_->zones.empty();
  }

 private:
  std::shared_ptr<Lists> lists_;
};

/// What the world may see of a zone's name.
std::string public_name(const std::string& zone, const MapList& replies,
                        std::vector<Problem>& problems) {
  const auto match = replies.find(zone);
  if (!match) problems.push_back({"", match.error().what});
  if (!match || !*match) return zone;
  return std::string(trim((*match)->value));
}

void add_site(Lists& lists, DnsblSite site, const MapList& replies,
              std::vector<Problem>& problems) {
  auto zone = std::ranges::find_if(lists.zones,
                                   [&](const auto& known) { return known->name == site.zone; });
  if (zone == lists.zones.end()) {
    std::string shown = public_name(site.zone, replies, problems);
    lists.zones.push_back(std::make_unique<Zone>(site.zone, std::move(shown)));
    zone = std::prev(lists.zones.end());
  }
  (*zone)->sites.push_back(std::move(site));
}

std::shared_ptr<const FilterFactory> configure(Keys& keys) {
  auto lists = std::make_shared<Lists>();
  std::vector<std::string> entries;
  keys.list("dnsbl_sites", entries,
            "DNS lists to ask about clients: zone[=answers][*weight], such as "
            "\"zen.example.org=127.0.0.[2..11]*2\". A "
            "negative weight makes an allow-list. Each must have the test entry 127.0.0.2.");
  keys.integer("dnsbl_threshold", lists->threshold, 1, 100000,
               "The client is refused when the weights of its listings add up to this.");
  keys.duration("dnsbl_timeout", lists->timeout, milliseconds(100), std::chrono::minutes(1),
                "Longest wait for the lists; those that have not answered by then count nothing.");
  std::vector<Problem> map_problems;
  const MapList replies =
      read_maps(keys, "dnsbl_reply_map",
                "Tables from a zone to the name that replies, logs and metrics show instead, "
                "where the zone's name contains a secret key.",
                map_problems);
  std::vector<Problem> problems;
  for (const auto& entry : entries) {
    auto site = parse_dnsbl_site(entry);
    if (!site) {
      problems.push_back({"", site.error().what});
    } else {
      add_site(*lists, std::move(*site), replies, map_problems);
    }
  }
  const bool bad_sites = report_problems(keys, "dnsbl_sites", problems);
  if (report_problems(keys, "dnsbl_reply_map", map_problems) || bad_sites) return nullptr;
  return std::make_shared<DnsblFactory>(std::move(lists));
}

}  // namespace

const FilterType dnsbl_filter{
    .name = "dnsbl",
    .help =
        "Asks DNS block-lists and allow-lists about the client, and refuses it from "
        "dnsbl_threshold on.",
    .placement = Placement::gateway,
    .configure = configure,
};

}  // namespace postern
