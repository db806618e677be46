#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/locales.h"
#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

struct Checked {
  AuthenticationResults results;
  RuleSettings settings;
  std::string sender = "ann@example.org";
  std::string author = "ann@example.org";

  bool operator()(std::string_view function, const EvalArguments& arguments = {}) const {
    const ScanInput input{.octets = {}, .envelope_from = sender, .authentication = &results};
    return evaluate(function, arguments, mail({"From: " + author}), settings, input) != 0;
  }
};

CheckedSignature signature(std::string_view domain, bool valid = true) {
  return {.domain = std::string(domain), .valid = valid, .key_bits = 2048};
}

bool written(std::string_view function, std::string_view field, const RuleSettings& settings = {}) {
  return evaluate(function, {}, mail({field, arrival}), settings) != 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(authentication)

BOOST_AUTO_TEST_CASE(the_gateways_spf_results_are_answered) {
  Checked checked;
  BOOST_TEST(!checked("check_for_spf_pass"));
  checked.results.spf_sender = SpfResult::pass;
  checked.results.spf_helo = SpfResult::softfail;
  BOOST_TEST(checked("check_for_spf_pass"));
  BOOST_TEST(!checked("check_for_spf_fail"));
  BOOST_TEST(checked("check_for_spf_helo_softfail"));
}

BOOST_AUTO_TEST_CASE(a_listed_sender_is_welcome_only_with_a_pass) {
  Checked checked;
  apply(list_directives(), "def_welcomelist_auth *@example.org", checked.settings);
  checked.results.spf_sender = SpfResult::neutral;
  BOOST_TEST(!checked("check_for_def_spf_welcomelist_from"));
  checked.results.spf_sender = SpfResult::pass;
  BOOST_TEST(checked("check_for_def_spf_whitelist_from"));
  BOOST_TEST(!checked("check_for_spf_welcomelist_from"));
}

BOOST_AUTO_TEST_CASE(a_relay_of_our_own_may_have_written_the_result) {
  BOOST_TEST(written("check_for_spf_pass", "Received-SPF: pass (x) identity=mailfrom; y"));
  BOOST_TEST(written("check_for_spf_fail", "Received-SPF: Fail (x)"));
  BOOST_TEST(written("check_for_spf_helo_none", "Received-SPF: none identity=helo; x"));
  BOOST_TEST(!written("check_for_spf_none", "Received-SPF: none identity=pra; x"));
  BOOST_TEST(!written("check_for_spf_pass", "Received-SPF: passable"));
  BOOST_TEST(written("check_for_spf_pass",
                     "Authentication-Results: mx; spf=pass smtp.mailfrom=x.example"));
  BOOST_TEST(written("check_for_spf_fail", "Authentication-Results: mx; dkim=pass; spf=hardfail"));
}

BOOST_AUTO_TEST_CASE(what_strangers_wrote_is_not_believed) {
  const std::string_view field = "Received-SPF: pass";
  BOOST_TEST(evaluate("check_for_spf_pass", {}, mail({arrival, field})) == 0);
  RuleSettings settings;
  settings.authentication.ignore_received_spf = true;
  BOOST_TEST(!written("check_for_spf_pass", field, settings));
}

BOOST_AUTO_TEST_CASE(the_oldest_written_result_counts_unless_the_newest_is_wanted) {
  const auto message = mail({"Received-SPF: fail", "Received-SPF: pass", arrival});
  RuleSettings settings;
  BOOST_TEST(evaluate("check_for_spf_pass", {}, message, settings) == 1);
  settings.authentication.newest_received_spf = true;
  BOOST_TEST(evaluate("check_for_spf_fail", {}, message, settings) == 1);
}

BOOST_AUTO_TEST_CASE(dmarc_failures_are_told_apart_by_policy) {
  Checked checked;
  BOOST_TEST(!checked("check_dmarc_missing"));
  checked.results.dmarc = DmarcResult{.pass = false, .policy = DmarcResult::Policy::reject};
  BOOST_TEST(checked("check_dmarc_reject"));
  BOOST_TEST(!checked("check_dmarc_none"));
  checked.results.dmarc->pass = true;
  BOOST_TEST(checked("check_dmarc_pass"));
  checked.results.dmarc->policy = DmarcResult::Policy::absent;
  BOOST_TEST(!checked("check_dmarc_pass"));
  BOOST_TEST(checked("check_dmarc_missing"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(signatures)

BOOST_AUTO_TEST_CASE(without_verified_signatures_every_answer_is_no) {
  const Checked checked;
  BOOST_TEST(!checked("check_dkim_dependable"));
  BOOST_TEST(!checked("check_dkim_signed"));
  BOOST_TEST(!checked("check_dkim_adsp", {"*"}));
}

BOOST_AUTO_TEST_CASE(a_signature_counts_for_its_domain_and_those_below) {
  Checked checked;
  checked.results.dkim = {signature("Mail.example.net"), signature("bad.example", false)};
  BOOST_TEST(checked("check_dkim_dependable"));
  BOOST_TEST(checked("check_dkim_valid"));
  BOOST_TEST(checked("check_dkim_valid", {"mail.example.net"}));
  BOOST_TEST(checked("check_dkim_valid", {"*.example.net"}));
  BOOST_TEST(!checked("check_dkim_valid", {"example.net"}));
  BOOST_TEST(!checked("check_dkim_valid", {"bad.example"}));
  BOOST_TEST(checked("check_dkim_signed", {"bad.example"}));
  BOOST_TEST(!checked("check_dkim_valid_author_sig"));
}

BOOST_AUTO_TEST_CASE(a_short_key_is_valid_and_vouches_for_nobody) {
  Checked checked;
  auto weak = signature("example.org");
  weak.key_bits = 512;
  checked.results.dkim = {weak};
  BOOST_TEST(checked("check_dkim_valid"));
  BOOST_TEST(!checked("check_dkim_valid", {"example.org"}));
  BOOST_TEST(!checked("check_dkim_valid_author_sig"));
  checked.results.dkim->front().key_bits = 1024;
  BOOST_TEST(checked("check_dkim_valid_author_sig"));
  BOOST_TEST(checked("check_dkim_valid_envelopefrom"));
}

BOOST_AUTO_TEST_CASE(practices_matter_only_without_the_authors_signature) {
  Checked checked;
  checked.author = "ann@mail.example.org";
  apply(authentication_directives(), "adsp_override *.example.org all", checked.settings);
  checked.results.dkim.emplace();
  BOOST_TEST(checked("check_dkim_adsp", {"A"}));
  BOOST_TEST(checked("check_dkim_signall"));
  BOOST_TEST(!checked("check_dkim_adsp", {"D"}));
  BOOST_TEST(checked("check_dkim_adsp", {"*", "*.example.org"}));
  BOOST_TEST(!checked("check_dkim_adsp", {"*", "example.net"}));
  checked.results.dkim = {signature("mail.example.org")};
  BOOST_TEST(!checked("check_dkim_adsp", {"A"}));
}

BOOST_AUTO_TEST_CASE(a_signer_may_welcome_an_author) {
  Checked checked;
  apply(list_directives(), "welcomelist_from_dkim *@example.org example.net", checked.settings);
  apply(list_directives(), "def_welcomelist_auth *@example.org", checked.settings);
  checked.results.dkim = {signature("example.net")};
  BOOST_TEST(checked("check_for_dkim_welcomelist_from"));
  BOOST_TEST(!checked("check_for_def_dkim_welcomelist_from"));
  checked.results.dkim = {signature("example.org")};
  BOOST_TEST(!checked("check_for_dkim_whitelist_from"));
  BOOST_TEST(checked("check_for_def_dkim_whitelist_from"));
}

BOOST_AUTO_TEST_CASE(arc_seals_are_signed_or_valid) {
  Checked checked;
  checked.results.arc = {signature("example.net", false)};
  BOOST_TEST(checked("check_arc_signed"));
  BOOST_TEST(!checked("check_arc_valid"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(locales)

BOOST_AUTO_TEST_CASE(western_charsets_are_everyones) {
  const Locales english("en");
  BOOST_TEST(english.allow("iso-8859-7"));
  BOOST_TEST(english.allow("UTF-8"));
  BOOST_TEST(english.allow("3D\"us-ascii\""));
  BOOST_TEST(!english.allow("koi8-r"));
  BOOST_TEST(!english.allow(""));
}

BOOST_AUTO_TEST_CASE(a_country_behind_a_language_changes_nothing) {
  BOOST_TEST(Locales("zh_TW").allow("big5"));
  BOOST_TEST(Locales("en ru").allow("KOI8-R"));
  BOOST_TEST(!Locales("ru").allow("big5"));
  BOOST_TEST(Locales("all").allow_all());
}

BOOST_AUTO_TEST_CASE(charsets_of_other_scripts_read_as_capitals) {
  BOOST_TEST(reads_as_capitals("KOI8-R"));
  BOOST_TEST(reads_as_capitals("x-gbk"));
  BOOST_TEST(reads_as_capitals("tis-620"));
  BOOST_TEST(!reads_as_capitals("utf-8"));
}

BOOST_AUTO_TEST_SUITE_END()
