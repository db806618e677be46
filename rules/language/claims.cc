#include "rules/language/claims.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::string_view prefix = "Mail::SpamAssassin::Plugin::";
constexpr std::string_view settings_module = "Mail::SpamAssassin::Conf::";

struct Plugin {
  std::string_view name;
  PluginClaim claim;
  std::string_view features;  // what can() and has() may ask it for
};

// What is here is always loaded: Debian's *.pre files load the same ones.
constexpr std::array plugins{
    Plugin{"AskDNS", PluginClaim::here, "has_tag_header"},
    Plugin{"AutoLearnThreshold", PluginClaim::here, ""},
    Plugin{"Bayes", PluginClaim::here, ""},
    Plugin{"BodyEval", PluginClaim::here, "has_check_body_length has_plaintext_body_sig_ratio"},
    Plugin{"Check", PluginClaim::here, ""},
    Plugin{"DKIM", PluginClaim::here, "has_arc"},
    Plugin{"DMARC", PluginClaim::here, ""},
    Plugin{"DNSEval", PluginClaim::here, "has_tflags_domains_only has_tflags_ips_only"},
    Plugin{"FreeMail", PluginClaim::here, ""},
    Plugin{"HTMLEval", PluginClaim::here, ""},
    Plugin{"HTTPSMismatch", PluginClaim::here, ""},
    Plugin{"HashBL", PluginClaim::here,
           "has_hashbl_bodyre has_hashbl_bodyre_num has_hashbl_emails has_hashbl_uris "
           "has_hashbl_ignore has_hashbl_email_regex has_hashbl_email_welcomelist "
           "has_hashbl_email_whitelist has_hashbl_tag has_hashbl_sha256 has_hashbl_attachments "
           "has_hashbl_email_domain has_hashbl_email_domain_alias"},
    Plugin{"HeaderEval", PluginClaim::here, ""},
    Plugin{"ImageInfo", PluginClaim::here, ""},
    Plugin{"MIMEEval", PluginClaim::here,
           "has_check_for_ascii_text_illegal has_check_abundant_unicode_ratio has_check_qp_ratio"},
    Plugin{"MIMEHeader", PluginClaim::here,
           "has_all_header has_tflags_range has_tflags_concat has_tflags_multiple "
           "has_capture_rules"},
    Plugin{"Pyzor", PluginClaim::here, "has_fork has_perl"},
    Plugin{"Razor2", PluginClaim::here, "has_fork"},
    Plugin{"RelayEval", PluginClaim::here, ""},
    Plugin{"ReplaceTags", PluginClaim::here, ""},
    Plugin{"Rule2XSBody", PluginClaim::here, ""},
    Plugin{"SPF", PluginClaim::here, "has_check_for_spf_errors has_check_spf_skipped_noenvfrom"},
    Plugin{"SpamCop", PluginClaim::here, ""},
    Plugin{"URIDNSBL", PluginClaim::here,
           "has_tflags_domains_only has_subtest_for_ranges has_uridnsbl_for_a has_uridnsbl_a_ns "
           "has_tflags_notrim has_uridnsbl_skip_mailto"},
    Plugin{"URIDetail", PluginClaim::here, "has_host_key"},
    Plugin{"URIEval", PluginClaim::here, ""},
    Plugin{"VBounce", PluginClaim::here, ""},
    Plugin{"WLBLEval", PluginClaim::here, ""},
    Plugin{"WelcomeListSubject", PluginClaim::here, ""},
    // It was taken away in 4.0.1, which says yes to it all the same, so that old rules stay off.
    Plugin{"RaciallyCharged", PluginClaim::here, ""},
    Plugin{"ASN", PluginClaim::not_here, ""},
    Plugin{"AWL", PluginClaim::not_here, ""},
    Plugin{"AccessDB", PluginClaim::not_here, ""},
    Plugin{"AntiVirus", PluginClaim::when_loaded, ""},
    Plugin{"AuthRes", PluginClaim::not_here, ""},
    Plugin{"DCC", PluginClaim::when_loaded, ""},
    Plugin{"DecodeShortURLs", PluginClaim::not_here, ""},
    Plugin{"ExtractText", PluginClaim::not_here, ""},
    Plugin{"FromNameSpoof", PluginClaim::when_loaded, ""},
    Plugin{"OLEVBMacro", PluginClaim::not_here, ""},
    Plugin{"PDFInfo", PluginClaim::when_loaded, ""},
    Plugin{"PhishTag", PluginClaim::not_here, ""},
    Plugin{"Phishing", PluginClaim::not_here, ""},
    Plugin{"RelayCountry", PluginClaim::not_here, ""},
    Plugin{"ResourceLimits", PluginClaim::not_here, ""},
    Plugin{"Reuse", PluginClaim::not_here, ""},
    Plugin{"Shortcircuit", PluginClaim::when_loaded, ""},
    Plugin{"TextCat", PluginClaim::when_loaded, ""},
    Plugin{"TxRep", PluginClaim::not_here, ""},
    Plugin{"URILocalBL", PluginClaim::not_here, ""},
};

// Conf.pm's own: what the language itself can do.
constexpr std::array<std::string_view, 26> features{
    "feature_originating_ip_headers",
    "feature_dns_local_ports_permit_avoid",
    "feature_bayes_auto_learn_on_error",
    "feature_uri_host_listed",
    "feature_yesno_takes_args",
    "feature_bug6558_free",
    "feature_edns",
    "feature_dns_query_restriction",
    "feature_registryboundaries",
    "feature_geodb",
    "feature_dns_block_rule",
    "feature_compile_regexp",
    "feature_meta_rules_matching",
    "feature_subjprefix",
    "feature_bayes_stopwords",
    "feature_get_host",
    "feature_blocklist_welcomelist",
    "feature_welcomelist_blocklist",
    "feature_header_address_parser",
    "feature_local_tests_only",
    "feature_header_first_last",
    "feature_header_match_many",
    "feature_capture_rules",
    "has_tflags_nosubject",
    "has_tflags_nolog",
    "perl_min_version_5010000",
};

struct Functions {
  std::string_view plugin;
  EvalType type;
  std::string_view names;
};

constexpr std::array functions{
    Functions{"ASN", EvalType::header, "check_asn"},
    Functions{"AWL", EvalType::header,
              "check_from_in_auto_welcomelist check_from_in_auto_whitelist"},
    Functions{"AccessDB", EvalType::header, "check_access_database"},
    Functions{"AntiVirus", EvalType::body, "check_microsoft_executable check_suspect_name"},
    Functions{"AuthRes", EvalType::header, "check_authres_result"},
    Functions{"Bayes", EvalType::body, "check_bayes"},
    Functions{"BodyEval", EvalType::body,
              "check_blank_line_ratio check_body_length check_stock_info "
              "multipart_alternative_difference multipart_alternative_difference_count "
              "plaintext_body_length plaintext_body_sig_ratio plaintext_sig_length "
              "tvd_vertical_words"},
    Functions{"DCC", EvalType::full, "check_dcc check_dcc_reputation_range"},
    Functions{"DKIM", EvalType::any, "check_dkim_signall check_dkim_signsome check_dkim_verified"},
    Functions{"DKIM", EvalType::full,
              "check_arc_signed check_arc_valid check_dkim_dependable check_dkim_signed "
              "check_dkim_valid check_dkim_valid_author_sig check_dkim_valid_envelopefrom"},
    Functions{"DKIM", EvalType::header,
              "check_dkim_adsp check_dkim_testing check_for_def_dkim_welcomelist_from "
              "check_for_def_dkim_whitelist_from check_for_dkim_welcomelist_from "
              "check_for_dkim_whitelist_from"},
    Functions{"DMARC", EvalType::header,
              "check_dmarc_missing check_dmarc_none check_dmarc_pass check_dmarc_quarantine "
              "check_dmarc_reject"},
    Functions{"DNSEval", EvalType::header,
              "check_dns_sender check_rbl check_rbl_accreditor check_rbl_envfrom "
              "check_rbl_from_domain check_rbl_from_host check_rbl_headers check_rbl_ns_from "
              "check_rbl_rcvd check_rbl_sub check_rbl_txt"},
    Functions{"DecodeShortURLs", EvalType::any, "short_url_tests"},
    Functions{"DecodeShortURLs", EvalType::body,
              "short_url short_url_200 short_url_404 short_url_chained short_url_code "
              "short_url_loop short_url_maxchain short_url_redir"},
    Functions{
        "FreeMail", EvalType::header,
        "check_freemail_body check_freemail_from check_freemail_header check_freemail_replyto"},
    Functions{"FromNameSpoof", EvalType::header,
              "check_fromname_contains_email check_fromname_different check_fromname_domain_differ "
              "check_fromname_equals_replyto check_fromname_equals_to check_fromname_owners_differ "
              "check_fromname_spoof"},
    Functions{"HTMLEval", EvalType::body,
              "check_iframe_src html_charset_faraway html_eval html_image_only html_image_ratio "
              "html_range html_tag_balance html_tag_exists html_test html_text_match "
              "html_text_not_match html_title_subject_ratio"},
    Functions{"HTTPSMismatch", EvalType::body, "check_https_http_mismatch"},
    Functions{"HashBL", EvalType::body, "check_hashbl_attachments check_hashbl_bodyre"},
    Functions{"HashBL", EvalType::header, "check_hashbl_emails check_hashbl_tag check_hashbl_uris"},
    Functions{
        "HeaderEval", EvalType::header,
        "check_equal_from_domains check_for_fake_aol_relay_in_rcvd "
        "check_for_faraway_charset_in_headers check_for_forged_eudoramail_received_headers "
        "check_for_forged_gmail_received_headers check_for_forged_gw05_received_headers "
        "check_for_forged_hotmail_received_headers check_for_forged_juno_received_headers "
        "check_for_forged_yahoo_received_headers check_for_matching_env_and_hdr_from "
        "check_for_missing_to_header check_for_msn_groups_headers "
        "check_for_no_hotmail_received_headers check_for_shifted_date check_for_to_in_subject "
        "check_for_unique_subject_id check_header_count_range check_illegal_chars "
        "check_messageid_not_usable check_outlook_message_id check_ratware_envelope_from "
        "check_ratware_name_id check_unresolved_template gated_through_received_hdr_remover "
        "received_within_months similar_recipients sorted_recipients subject_is_all_caps"},
    Functions{"ImageInfo", EvalType::body,
              "image_count image_name_regex image_named image_size_exact image_size_range "
              "image_to_text_ratio pixel_coverage"},
    Functions{"MIMEEval", EvalType::any, "check_msg_parse_flags"},
    Functions{"MIMEEval", EvalType::body,
              "check_abundant_unicode_ratio check_base64_length check_for_ascii_text_illegal "
              "check_for_faraway_charset check_for_mime check_for_mime_html "
              "check_for_mime_html_only check_for_uppercase check_ma_non_text "
              "check_mime_multipart_ratio check_qp_ratio"},
    Functions{"OLEVBMacro", EvalType::body,
              "check_olemacro check_olemacro_csv check_olemacro_download_exe "
              "check_olemacro_encrypted check_olemacro_malice check_olemacro_mhtml_uri "
              "check_olemacro_redirect_uri check_olemacro_renamed check_olemacro_zip_password "
              "check_oleobject check_olertfobject"},
    Functions{"PDFInfo", EvalType::body,
              "pdf_count pdf_image_count pdf_image_size_exact pdf_image_size_range "
              "pdf_image_to_text_ratio pdf_is_empty_body pdf_is_encrypted pdf_match_details "
              "pdf_match_fuzzy_md5 pdf_match_md5 pdf_name_regex pdf_named pdf_pixel_coverage"},
    Functions{"Pyzor", EvalType::full, "check_pyzor"},
    Functions{"Razor2", EvalType::full, "check_razor2 check_razor2_range"},
    Functions{"RelayEval", EvalType::any,
              "check_all_trusted check_for_forged_received_ip_helo check_for_forged_received_trail "
              "check_for_illegal_ip check_for_no_rdns_dotcom_helo check_for_numeric_helo "
              "check_for_sender_no_reverse check_no_relays check_relays_unparseable "
              "helo_ip_mismatch"},
    Functions{"RelayEval", EvalType::header, "check_for_from_domain_in_received_headers"},
    Functions{
        "SPF", EvalType::header,
        "check_for_def_spf_welcomelist_from check_for_def_spf_whitelist_from "
        "check_for_spf_fail check_for_spf_helo_fail check_for_spf_helo_neutral "
        "check_for_spf_helo_none check_for_spf_helo_pass check_for_spf_helo_permerror "
        "check_for_spf_helo_softfail check_for_spf_helo_temperror check_for_spf_neutral "
        "check_for_spf_none check_for_spf_pass check_for_spf_permerror check_for_spf_softfail "
        "check_for_spf_temperror check_for_spf_welcomelist_from check_for_spf_whitelist_from "
        "check_spf_skipped_noenvfrom"},
    Functions{"Shortcircuit", EvalType::any, "check_shortcircuit"},
    Functions{"TextCat", EvalType::any, "check_language"},
    Functions{"TextCat", EvalType::body, "check_body_8bits"},
    Functions{"TxRep", EvalType::header, "check_senders_reputation"},
    Functions{"URIDNSBL", EvalType::any, "check_uridnsbl"},
    Functions{"URIDetail", EvalType::any, "check_uri_detail"},
    Functions{"URIEval", EvalType::any,
              "check_for_http_redirector check_https_ip_mismatch check_uri_truncated"},
    Functions{"URILocalBL", EvalType::any, "check_uri_local_bl"},
    Functions{
        "VBounce", EvalType::any,
        "check_welcomelist_bounce_relays check_whitelist_bounce_relays have_any_bounce_relays"},
    Functions{"WLBLEval", EvalType::any,
              "check_uri_host_in_blacklist check_uri_host_in_blocklist "
              "check_uri_host_in_welcomelist check_uri_host_in_whitelist"},
    Functions{"WLBLEval", EvalType::header,
              "check_forged_in_default_welcomelist check_forged_in_default_whitelist "
              "check_forged_in_welcomelist check_forged_in_whitelist check_from_in_blacklist "
              "check_from_in_blocklist check_from_in_default_welcomelist "
              "check_from_in_default_whitelist check_from_in_list check_from_in_welcomelist "
              "check_from_in_whitelist check_mailfrom_matches_rcvd check_replyto_in_list "
              "check_to_in_all_spam check_to_in_blacklist check_to_in_blocklist check_to_in_list "
              "check_to_in_more_spam check_to_in_welcomelist check_to_in_whitelist "
              "check_uri_host_listed"},
    Functions{"WelcomeListSubject", EvalType::header,
              "check_subject_in_blacklist check_subject_in_blocklist check_subject_in_welcomelist "
              "check_subject_in_whitelist"},
};

/// Names that changed: the older one stands for the newer.
std::string_view present_name(std::string_view name) {
  if (name == "Dmarc") return "DMARC";
  if (name == "WhiteListSubject") return "WelcomeListSubject";
  return name;
}

const Plugin* find_plugin(std::string_view full_name) {
  if (!full_name.starts_with(prefix)) return nullptr;
  const auto name = present_name(full_name.substr(prefix.size()));
  const auto found = std::ranges::find(plugins, name, &Plugin::name);
  return found == plugins.end() ? nullptr : &*found;
}

bool has_word(std::string_view list, std::string_view word) {
  const auto all = words(list);
  return std::ranges::find(all, word) != all.end();
}

}  // namespace

PluginClaim plugin_claim(std::string_view name) {
  const auto* const plugin = find_plugin(name);
  return plugin == nullptr ? PluginClaim::unknown : plugin->claim;
}

bool implements_plugin(std::string_view name, const ConditionFacts& facts) {
  const auto* const plugin = find_plugin(name);
  return plugin != nullptr &&
         (plugin->claim == PluginClaim::here || facts.loaded.contains(plugin->name));
}

bool load_claimed_plugin(std::string_view name, ConditionFacts& facts) {
  const auto* const plugin = find_plugin(name);
  if (plugin == nullptr || plugin->claim != PluginClaim::when_loaded) return false;
  facts.loaded.emplace(plugin->name);
  return true;
}

bool implements_feature(std::string_view name, const ConditionFacts& facts) {
  const auto colons = name.rfind("::");
  if (colons == std::string_view::npos) return false;
  const auto feature = name.substr(colons + 2);
  if (name.starts_with(settings_module)) {
    if (feature.starts_with("compat_"))
      return facts.compatibilities.contains(feature.substr(std::string_view("compat_").size()));
    return std::ranges::find(features, feature) != features.end();
  }
  const auto* const plugin = find_plugin(name.substr(0, colons));
  return plugin != nullptr && plugin->claim == PluginClaim::here &&
         has_word(plugin->features, feature);
}

std::optional<EvalClaim> eval_claim(std::string_view function) {
  static const auto known = [] {
    std::unordered_map<std::string_view, EvalClaim> out;
    for (const auto& group : functions) {
      for (const auto name : words(group.names))
        out.emplace(name, EvalClaim{group.plugin, group.type});
    }
    return out;
  }();
  const auto found = known.find(function);
  if (found == known.end()) return {};
  return found->second;
}

}  // namespace postern
