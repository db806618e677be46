#include "rules/language/foreign.h"

#include <algorithm>
#include <array>
#include <span>

namespace postern {
namespace {

constexpr std::array<std::string_view, 12> rule_kinds{
    "mimeheader", "replace_rules", "askdns",         "uri_detail",
    "uridnsbl",   "uridnssub",     "urirhsbl",       "urirhssub",
    "urinsrhsbl", "urinsrhssub",   "urifullnsrhsbl", "urifullnsrhssub"};

// Families share a beginning.
constexpr std::array<std::string_view, 38> setting_families{
    "add_",           "adsp_",        "asn_",          "auto_",        "bayes_",
    "blacklist_",     "blocklist_",   "body_part_",    "clear_",       "dcc_",
    "def_",           "delist_",      "dns_",          "dkim_",        "enlist_",
    "fold_",          "freemail_",    "geodb_",        "lock_",        "pyzor_",
    "razor_",         "redirector_",  "replace_",      "report_",      "shortcircuit",
    "skip_",          "spf_",         "txrep_",        "unblacklist_", "unblocklist_",
    "unwelcomelist_", "unwhitelist_", "url_shortener", "use_",         "user_",
    "util_rb_",       "welcomelist_", "whitelist_"};
constexpr std::array<std::string_view, 27> settings{"all_spam_to",
                                                    "allow_user_rules",
                                                    "always_trust_envelope_sender",
                                                    "default_language",
                                                    "envelope_sender_header",
                                                    "internal_networks",
                                                    "loadplugin",
                                                    "more_spam_to",
                                                    "msa_networks",
                                                    "normalize_charset",
                                                    "ok_languages",
                                                    "ok_locales",
                                                    "originating_ip_headers",
                                                    "parse_dkim_uris",
                                                    "rawbody_part_scan_size",
                                                    "rbl_timeout",
                                                    "remove_header",
                                                    "report",
                                                    "reuse",
                                                    "score_set",
                                                    "test",
                                                    "time_limit",
                                                    "trusted_networks",
                                                    "tryplugin",
                                                    "unsafe_report",
                                                    "uridnsbl_skip_domain",
                                                    "version_tag"};

bool listed(std::span<const std::string_view> list, std::string_view key) {
  return std::ranges::find(list, key) != list.end();
}

}  // namespace

Foreign foreign_directive(std::string_view key) {
  if (listed(rule_kinds, key)) return Foreign::rule;
  const bool family =
      std::ranges::any_of(setting_families, [key](auto start) { return key.starts_with(start); });
  return family || listed(settings, key) ? Foreign::setting : Foreign::unknown;
}

}  // namespace postern
