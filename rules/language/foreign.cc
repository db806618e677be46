#include "rules/language/foreign.h"

#include <algorithm>
#include <array>
#include <span>

namespace postern {
namespace {

constexpr std::array<std::string_view, 5> rule_kinds{
    "uri_block_cc", "uri_block_cidr", "uri_block_cont", "uri_block_exclude", "uri_block_isp"};

// Families share a beginning.
constexpr std::array<std::string_view, 10> network_families{
    "adsp_", "dns_",   "clear_dns_", "clear_uridnsbl_", "rbl_",
    "skip_", "uridns", "urirhs",     "urins",           "urifullns"};
constexpr std::array<std::string_view, 27> setting_families{"asn_",
                                                            "auto_welcomelist",
                                                            "auto_whitelist",
                                                            "authres_",
                                                            "bayes_",
                                                            "clear_asn_",
                                                            "clear_url_shortener",
                                                            "dcc",
                                                            "dkim_",
                                                            "dmarc_",
                                                            "extracttext_",
                                                            "geodb_",
                                                            "lock_",
                                                            "max_short_url",
                                                            "olemacro_",
                                                            "phishing_",
                                                            "pyzor_",
                                                            "razor_",
                                                            "resource_limit_",
                                                            "spamcop_",
                                                            "spf_",
                                                            "textcat_",
                                                            "trigger_",
                                                            "txrep_",
                                                            "url_shortener",
                                                            "use_",
                                                            "user_"};
constexpr std::array<std::string_view, 13> settings{"country_db_path",
                                                    "country_db_type",
                                                    "default_language",
                                                    "do_not_use_mail_spf",
                                                    "do_not_use_mail_spf_query",
                                                    "ignore_always_matching_regexps",
                                                    "mbox_format_from_regex",
                                                    "run_reuse_tests_only",
                                                    "score_set",
                                                    "time_limit",
                                                    "uri_country_db_isp_path",
                                                    "uri_country_db_path",
                                                    "version_tag"};

bool listed(std::span<const std::string_view> list, std::string_view key) {
  return std::ranges::find(list, key) != list.end();
}
bool of_family(std::span<const std::string_view> starts, std::string_view key) {
  return std::ranges::any_of(starts, [key](auto start) { return key.starts_with(start); });
}

}  // namespace

Foreign foreign_directive(std::string_view key) {
  if (listed(rule_kinds, key)) return Foreign::rule;
  if (of_family(network_families, key)) return Foreign::network;
  return of_family(setting_families, key) || listed(settings, key) ? Foreign::setting
                                                                   : Foreign::unknown;
}

}  // namespace postern
