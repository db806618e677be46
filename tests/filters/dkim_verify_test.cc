// What becomes of signatures, by messages that others signed (dkim_vectors.h).
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "filters/dkim/verify.h"
#include "gateway/net/loop.h"
#include "tests/filters/dkim_vectors.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/run_task.h"

using namespace postern;
using namespace postern::test;
using dkim::Outcome;

namespace {

constexpr std::int64_t signed_at = 1'700'000'000;

struct VerifyFixture {
  Loop loop;
  FakeResolver dns;
  std::int64_t now = signed_at + 60;

  VerifyFixture() {
    dns.add("rsa._domainkey.author.example", RecordType::txt, vectors::rsa_key);
    dns.add("weak._domainkey.author.example", RecordType::txt, vectors::weak_key);
    dns.add("ed._domainkey.author.example", RecordType::txt, vectors::ed_key);
  }
  std::vector<dkim::CheckedField> verify(const std::string& octets) {
    return run_task(
        loop, dkim::verify_signatures(dns, octets, WallTime(seconds(now)), SteadyTime::max()));
  }
  std::string outcome(const std::string& octets) {
    const auto all = verify(octets);
    BOOST_REQUIRE(!all.empty());
    const auto& judgement = all.front().judgement;
    return std::string(outcome_name(judgement.outcome)) +
           (judgement.reason.empty() ? "" : ": " + judgement.reason);
  }
  void publish(const std::string& selector, const std::string& record) {
    FakeResolver other;
    other.add(selector + "._domainkey.author.example", RecordType::txt, record);
    dns = other;
  }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dkim_verify, VerifyFixture)

BOOST_AUTO_TEST_CASE(signatures_of_every_form_and_algorithm_verify) {
  for (const auto* message : {&vectors::relaxed, &vectors::simple, &vectors::mixed,
                              &vectors::expiring, &vectors::ed25519, &vectors::below})
    BOOST_TEST(outcome(*message) == "pass");
}

BOOST_AUTO_TEST_CASE(relaxed_forgives_blanks_and_simple_does_not) {
  const auto widened = [](const std::string& message) {
    return replaced(message, "Subject: Minutes of   Monday ", "SUBJECT :Minutes of Monday");
  };
  BOOST_TEST(outcome(widened(vectors::relaxed)) == "pass");
  BOOST_TEST(outcome(widened(vectors::simple)) == "fail: the signature does not verify");
  const auto shortened = [](const std::string& message) {
    return replaced(message, "the  minutes\tare", "the minutes are");
  };
  BOOST_TEST(outcome(shortened(vectors::relaxed)) == "pass");
  BOOST_TEST(outcome(shortened(vectors::simple)) == "fail: the body has been changed");
}

BOOST_AUTO_TEST_CASE(a_changed_signed_field_fails_and_an_unsigned_one_does_not) {
  BOOST_TEST(outcome(replaced(vectors::relaxed, "Monday", "Sunday")) ==
             "fail: the signature does not verify");
  BOOST_TEST(outcome(replaced(vectors::relaxed, "<1@author", "<2@author")) == "pass");
}

BOOST_AUTO_TEST_CASE(a_second_from_fails_only_where_h_names_from_twice) {
  const std::string forged = "From: boss@author.example\r\n";
  BOOST_TEST(outcome(forged + vectors::relaxed) == "pass");
  BOOST_TEST(outcome(forged + vectors::mixed) == "fail: the signature does not verify");
}

BOOST_AUTO_TEST_CASE(with_l_text_may_follow_and_none_may_be_missing) {
  BOOST_TEST(outcome(vectors::partial + "and more\r\n") == "pass");
  const auto body = vectors::partial.find("\r\n\r\n") + 4;
  BOOST_TEST(outcome(vectors::partial.substr(0, body) + "Dear\r\n") ==
             "fail: the body is shorter than l=");
}

BOOST_AUTO_TEST_CASE(a_signature_expires) {
  now = 1'700'086'400;
  BOOST_TEST(outcome(vectors::expiring) == "pass");
  now += 1;
  BOOST_TEST(outcome(vectors::expiring) == "fail: the signature has expired");
}

BOOST_AUTO_TEST_CASE(a_signature_of_the_future_fails_where_no_clock_explains_it) {
  now = signed_at - 3600;
  BOOST_TEST(outcome(vectors::relaxed) == "pass");
  now = signed_at - 86'401;
  BOOST_TEST(outcome(vectors::relaxed) == "fail: the signature is of the future");
}

BOOST_AUTO_TEST_CASE(a_key_under_1024_bits_proves_nothing) {
  BOOST_TEST(outcome(vectors::weak) == "policy: the key has only 768 bits");
  BOOST_TEST(verify(vectors::weak).front().key_bits == 768U);
}

BOOST_AUTO_TEST_CASE(rsa_sha1_proves_nothing) {
  BOOST_TEST(outcome(replaced(vectors::relaxed, "rsa-sha256", "rsa-sha1")) == "policy: rsa-sha1");
  BOOST_TEST(dns.asked.empty());
}

BOOST_AUTO_TEST_CASE(a_key_that_does_not_exist_or_was_revoked_is_a_permerror) {
  dns = {};
  BOOST_TEST(outcome(vectors::ed25519) == "permerror: no key");
  publish("ed", "v=DKIM1; k=ed25519; p=");
  BOOST_TEST(outcome(vectors::ed25519) == "permerror: the key was revoked");
}

BOOST_AUTO_TEST_CASE(octets_that_are_no_key_are_a_permerror) {
  publish("ed", "v=DKIM1; k=ed25519; p=AAAA");
  BOOST_TEST(outcome(vectors::ed25519) == "permerror: the key's p= is no Ed25519 key");
  publish("rsa", "v=DKIM1; p=AAAA");
  BOOST_TEST(outcome(vectors::relaxed) == "permerror: the key's p= is no RSA key");
  publish("rsa", "v=DKIM1; p=" + std::string(2000, 'A'));
  BOOST_TEST(outcome(vectors::relaxed) == "permerror: the key is too large");
}

BOOST_AUTO_TEST_CASE(of_several_records_the_one_that_fits_counts) {
  FakeResolver other;
  const std::string name = "ed._domainkey.author.example";
  other.add(name, RecordType::txt, "v=spf1 -all");
  other.add(name, RecordType::txt, vectors::rsa_key);
  other.add(name, RecordType::txt, vectors::ed_key);
  dns = other;
  BOOST_TEST(outcome(vectors::ed25519) == "pass");
}

BOOST_AUTO_TEST_CASE(a_changed_body_does_not_wait_for_a_key_that_cannot_be_had) {
  dns = {};
  dns.fail("ed._domainkey.author.example", RecordType::txt);
  BOOST_TEST(outcome(vectors::ed25519) == "temperror: the key could not be asked for: SERVFAIL");
  BOOST_TEST(outcome(vectors::ed25519 + "PS\r\n") == "fail: the body has been changed");
}

BOOST_AUTO_TEST_CASE(t_s_of_the_key_forbids_names_below) {
  publish("ed", vectors::ed_key + "; t=s");
  BOOST_TEST(outcome(vectors::ed25519) == "pass");
  BOOST_TEST(outcome(vectors::below) == "permerror: the key's t=s wants i= to be of d=");
}

BOOST_AUTO_TEST_CASE(a_signature_cannot_sign_itself_as_an_older_one) {
  // With h=dkim-signature the field itself is not meant: it was not there when it was made.
  const auto field = vectors::ed25519.substr(0, vectors::ed25519.find("Received:"));
  BOOST_TEST(outcome(replaced(field, "h=from:", "h=dkim-signature:from:") + vectors::relaxed) ==
             "fail: the signature does not verify");
}

BOOST_AUTO_TEST_CASE(ten_signatures_are_verified_and_fifty_reported) {
  const auto field = vectors::ed25519.substr(0, vectors::ed25519.find("Received:"));
  std::string message;
  for (int i = 0; i < 60; ++i) message += field;
  const auto all = verify(message + vectors::ed25519);
  BOOST_REQUIRE(all.size() == dkim::most_reported);
  BOOST_TEST((all[9].judgement.outcome == Outcome::pass));
  BOOST_TEST((all[10].judgement.outcome == Outcome::neutral));
}

BOOST_AUTO_TEST_CASE(a_header_of_more_fields_than_are_looked_at_is_not_verified) {
  std::string more;
  for (int i = 0; i < 2000; ++i) more += "X: y\r\n";
  BOOST_TEST(outcome(vectors::ed25519.substr(0, vectors::ed25519.find("Received:")) + more +
                     "From: a@author.example\r\n\r\nbody\r\n") ==
             "permerror: the header has too many fields");
}

BOOST_AUTO_TEST_SUITE_END()
