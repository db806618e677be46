// The texts of DKIM: tag lists, encodings, canonical forms, signature fields, key records.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/dkim/canonical.h"
#include "filters/dkim/encoding.h"
#include "filters/dkim/key.h"
#include "filters/dkim/signature.h"
#include "filters/dkim/tag_list.h"

using namespace postern;
using namespace postern::dkim;

namespace {

std::string field(std::string_view text, Canon canon) {
  std::string out;
  append_canonical_field(out, text, canon);
  return out;
}

std::string body(std::string_view text, Canon canon) {
  std::string out;
  canonical_body(text, canon, [&](std::string_view piece) { out += piece; });
  return out;
}

const std::string hash(43, 'A');  // 32 octets in base64, with the "=" at the end
const std::string good_field =
    " v=1; a=rsa-sha256; d=Author.example; s=Key; c=relaxed/simple;\r\n"
    "\th=From : to;\r\n bh=" +
    hash + "=; b=QUJD\r\n REVG; l=7; t=10; x=20";

std::string said_of(const std::string& value, SignatureKind kind = SignatureKind::dkim) {
  return parse_signature(value, kind).judgement.reason;
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string said_of_key(std::string_view record) {
  Signature signature;
  signature.algorithm = Algorithm::rsa_sha256;
  signature.domain = "author.example";
  signature.identity = "@author.example";
  return parse_key(record, signature).judgement.reason;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dkim_parse)

BOOST_AUTO_TEST_CASE(tags_are_trimmed_and_may_end_with_a_semicolon) {
  const auto tags = TagList::parse(" a = 1 ;\r\n b=x\r\n\ty; c=;");
  BOOST_REQUIRE(tags);
  BOOST_TEST(tags->tags().size() == 3U);
  BOOST_TEST(tags->value("a") == "1");
  BOOST_TEST(tags->value("b") == "x\r\n\ty");
  BOOST_TEST(tags->value("c") == "");
  BOOST_TEST((tags->find("A") == nullptr));
}

BOOST_AUTO_TEST_CASE(a_list_that_can_be_read_in_two_ways_is_none) {
  for (const auto* text : {"", " ", ";", "a", "a=1; a=2", "a=1;;b=2", "=1", "1a=2", "a-b=1",
                           "a=\x01", "a=1; b", ";a=1"})
    BOOST_TEST(!TagList::parse(text), text);
  BOOST_TEST(!TagList::parse("a=" + std::string(longest_tag_list, 'x')));
  std::string many;
  for (std::size_t i = 0; i <= most_tags; ++i) many += "t" + std::to_string(i) + "=1;";
  BOOST_TEST(!TagList::parse(many));
}

BOOST_AUTO_TEST_CASE(base64_is_strict_but_for_white_space) {
  BOOST_TEST(decode_base64("QU JD\r\n REU=").value() == "ABCDE");
  BOOST_TEST(decode_base64("").value() == "");
  for (const auto* text : {"Q", "QU", "QUI", "Q===", "====", "QU=D", "QUI=QUJD", "QU-_", "QUJD="})
    BOOST_TEST(!decode_base64(text), text);
}

BOOST_AUTO_TEST_CASE(quoted_printable_wants_two_capital_digits) {
  BOOST_TEST(decode_quoted("ann=2Blist=40 author.example").value() == "ann+list@author.example");
  for (const auto* text : {"=", "=4", "=4g", "=2b"}) BOOST_TEST(!decode_quoted(text), text);
}

BOOST_AUTO_TEST_CASE(a_simple_field_stays_and_a_relaxed_one_is_evened_out) {
  const std::string_view folded = "SUBJect \t:  a\t b\r\n\t c \t\r\n";
  BOOST_TEST(field(folded, Canon::simple) == folded);
  BOOST_TEST(field(folded, Canon::relaxed) == "subject:a b c\r\n");
  BOOST_TEST(field("X:\r\n", Canon::relaxed) == "x:\r\n");
  BOOST_TEST(field("X: y", Canon::simple) == "X: y\r\n");
}

BOOST_AUTO_TEST_CASE(a_simple_body_loses_empty_lines_at_its_end_alone) {
  BOOST_TEST(body("", Canon::simple) == "\r\n");
  BOOST_TEST(body("\r\n\r\n", Canon::simple) == "\r\n");
  BOOST_TEST(body("\r\na  b \r\n\r\n\r\n", Canon::simple) == "\r\na  b \r\n");
  BOOST_TEST(body("a", Canon::simple) == "a\r\n");
  BOOST_TEST(body("a\r\n \r\n", Canon::simple) == "a\r\n \r\n");
}

BOOST_AUTO_TEST_CASE(a_relaxed_body_loses_blanks_too) {
  BOOST_TEST(body("", Canon::relaxed) == "");
  BOOST_TEST(body(" \t\r\n\r\n", Canon::relaxed) == "");
  BOOST_TEST(body(" a\t\tb \r\n\r\n\t\r\n", Canon::relaxed) == " a b\r\n");
  BOOST_TEST(body("a\r\n\r\nb", Canon::relaxed) == "a\r\n\r\nb\r\n");
  const std::string large(100'000, 'x');
  BOOST_TEST((body(large, Canon::relaxed) == large + "\r\n"));
}

BOOST_AUTO_TEST_CASE(all_of_a_signature_is_read) {
  const auto [signature, judgement] = parse_signature(good_field, SignatureKind::dkim);
  BOOST_TEST(judgement.reason == "");
  BOOST_TEST(judgement.open());
  BOOST_TEST(signature.domain == "author.example");
  BOOST_TEST(signature.identity == "@author.example");
  BOOST_TEST(signature.key_name == "key._domainkey.author.example");
  BOOST_TEST((signature.algorithm == Algorithm::rsa_sha256));
  BOOST_TEST((signature.header == Canon::relaxed && signature.body == Canon::simple));
  BOOST_TEST((signature.signed_fields == std::vector<std::string>{"from", "to"}));
  BOOST_TEST(signature.octets == "ABCDEF");
  BOOST_TEST(signature.beginning == "QUJDREVG");
  BOOST_TEST(signature.body_length.value() == 7U);
  BOOST_TEST((signature.time.value() == 10U && signature.expiry.value() == 20U));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_signature_is_named) {
  BOOST_TEST(said_of(with(good_field, "v=1", "v=2")) == "v= is not 1");
  BOOST_TEST(said_of(with(good_field, "v=1;", "")) == "v= is not 1");
  BOOST_TEST(said_of(with(good_field, "rsa-sha256", "dsa")) == "unknown algorithm in a=");
  BOOST_TEST(said_of(with(good_field, "Author.example", "example")) == "no domain in d=");
  BOOST_TEST(said_of(with(good_field, "s=Key;", "")) == "no selector in s=");
  BOOST_TEST(said_of(with(good_field, "relaxed/simple", "nofws")) ==
             "unknown canonicalization in c=");
  BOOST_TEST(said_of(with(good_field, "From : to", "to")) == "h= is without From");
  BOOST_TEST(said_of(with(good_field, "From : to", "from::to")) == "no names in h=");
  BOOST_TEST(said_of(with(good_field, "bh=" + hash + "=", "bh=QUJD")) == "no hash in bh=");
  BOOST_TEST(said_of(with(good_field, "b=QUJD", "b=*")) == "no signature in b=");
  BOOST_TEST(said_of(with(good_field, "l=7", "l=-7")) == "no length in l=");
  BOOST_TEST(said_of(with(good_field, "x=20", "x=10")) == "x= is not after t=");
  BOOST_TEST(said_of(with(good_field, "x=20", "x=soon")) == "no time in x=");
  BOOST_TEST(said_of(good_field + "; q=http") == "unknown query in q=");
  BOOST_TEST(said_of(good_field + "; i=ann@other.example") == "i= is not below d=");
  BOOST_TEST(said_of(good_field + "; i=ann@badauthor.example") == "i= is not below d=");
}

BOOST_AUTO_TEST_CASE(what_could_be_read_is_told_of_a_bad_signature) {
  const auto bad = parse_signature(with(good_field, "v=1", "v=2"), SignatureKind::dkim);
  BOOST_TEST((bad.judgement.outcome == Outcome::permerror));
  BOOST_TEST(bad.signature.domain == "author.example");
  BOOST_TEST(bad.signature.beginning == "QUJDREVG");
}

BOOST_AUTO_TEST_CASE(the_value_of_b_goes_and_all_else_stays) {
  const std::string whole = "DKIM-Signature: a=b; b = QUJD\r\n REVG ; bh=x\r\n";
  const auto value = std::string_view(whole).substr(15);
  BOOST_TEST(without_signature(whole, value) == "DKIM-Signature: a=b; b =; bh=x\r\n");
}

BOOST_AUTO_TEST_CASE(a_key_is_for_mail_and_for_its_algorithm) {
  BOOST_TEST(said_of_key("p=QUJD") == "");
  BOOST_TEST(said_of_key("v=DKIM1; k=rsa; h=sha1:sha256; s=other:email; t=y:x; n=note; p=QUJD") ==
             "");
  BOOST_TEST(said_of_key("v=DKIM2; p=QUJD") == "the key's v= is not DKIM1");
  BOOST_TEST(said_of_key("p=QUJD; v=DKIM1") == "the key's v= is not DKIM1");
  BOOST_TEST(said_of_key("k=dsa; p=QUJD") == "the key's k= is unknown");
  BOOST_TEST(said_of_key("k=ed25519; p=QUJD") == "the key is of another algorithm");
  BOOST_TEST(said_of_key("h=sha1; p=QUJD") == "the key's h= is without sha256");
  BOOST_TEST(said_of_key("s=chat; p=QUJD") == "the key's s= is not for mail");
  BOOST_TEST(said_of_key("k=rsa") == "the key has no p=");
  BOOST_TEST(said_of_key("p=*") == "the key's p= is no base64");
  BOOST_TEST(said_of_key("p=") == "the key was revoked");
  BOOST_TEST(said_of_key("k=rsa; t; p=QUJD") == "the key record: a piece that is no tag");
}

BOOST_AUTO_TEST_SUITE_END()
