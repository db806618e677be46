#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/dkim_vectors.h"
#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType dkim_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

using Texts = std::vector<std::string>;

/// Some minutes after the vectors were signed.
class SignersClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(seconds(1'700'000'600)); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

struct DkimFixture : FilterFixture {
  SignersClock signers_clock;

  DkimFixture() {
    configure(dkim_filter, "");
    dns.add("rsa._domainkey.author.example", RecordType::txt, vectors::rsa_key);
    dns.add("ed._domainkey.author.example", RecordType::txt, vectors::ed_key);
  }

  Texts results(std::string octets) {
    const Context asked{evidence, loop, dns, signers_clock, loop.now() + seconds(10)};
    Message message{std::make_shared<const std::string>(std::move(octets)), "Received: by us\r\n"};
    const auto answer = run_task(loop, filter->on_message(asked, std::move(message)));
    BOOST_REQUIRE(answer);
    BOOST_TEST((answer->verdict == Verdict::pass));
    Texts out;
    for (const auto& finding : answer->findings) {
      BOOST_TEST(finding.name == "dkim");
      out.push_back(finding.text);
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dkim_filter_test, DkimFixture)

BOOST_AUTO_TEST_CASE(a_good_signature_is_reported_with_its_signer_and_key) {
  BOOST_TEST(results(vectors::ed25519) ==
             Texts{"dkim=pass header.d=author.example header.i=@author.example header.s=ed "
                   "header.a=ed25519-sha256 header.b=" +
                   vectors::ed25519_beginning});
}

BOOST_AUTO_TEST_CASE(each_signature_is_a_finding_topmost_first) {
  // The second was made before the first was there.
  const auto first = vectors::ed25519.substr(0, vectors::ed25519.find("Received:"));
  const auto found = results(first + vectors::relaxed);
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(
      found[0].starts_with("dkim=pass header.d=author.example header.i=@author.example "
                           "header.s=ed "));
  BOOST_TEST(
      found[1].starts_with("dkim=pass header.d=author.example header.i=@author.example "
                           "header.s=rsa header.a=rsa-sha256 "));
  BOOST_TEST(found[1].ends_with(" policy.key-bits=2048"));
}

BOOST_AUTO_TEST_CASE(a_message_without_a_signature_is_none) {
  BOOST_TEST(results("From: a@author.example\r\n\r\nbody\r\n") == Texts{"dkim=none"});
}

BOOST_AUTO_TEST_CASE(a_key_on_trial_is_told) {
  FakeResolver other;
  other.add("ed._domainkey.author.example", RecordType::txt, vectors::ed_key + "; t=y");
  dns = other;
  BOOST_TEST(results(vectors::ed25519).front().ends_with(" policy.testing=y"));
}

BOOST_AUTO_TEST_CASE(a_changed_body_is_a_fail_that_says_so) {
  const auto found = results(vectors::ed25519 + "PS: buy pills\r\n");
  BOOST_TEST(found.front().starts_with("dkim=fail reason=\"the body has been changed\" "));
}

BOOST_AUTO_TEST_CASE(a_name_server_that_fails_is_a_temperror_and_no_failure_of_the_filter) {
  dns = {};
  dns.fail("ed._domainkey.author.example", RecordType::txt);
  BOOST_TEST(results(vectors::ed25519).front().starts_with("dkim=temperror reason="));
}

BOOST_AUTO_TEST_CASE(signatures_by_one_key_ask_for_it_once) {
  const auto first = vectors::ed25519.substr(0, vectors::ed25519.find("Received:"));
  BOOST_TEST(results(first + first + vectors::ed25519).size() == 3U);
  BOOST_TEST(dns.asked == Texts{"ed._domainkey.author.example"});
}

BOOST_AUTO_TEST_CASE(content_is_read_in_the_cage_and_only_there) {
  BOOST_TEST((dkim_filter.placement == Placement::scan_worker));
  BOOST_TEST(factory->answers(Stage::message));
  BOOST_TEST(!factory->answers(Stage::mail));
}

BOOST_AUTO_TEST_SUITE_END()
