#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/filters/dkim_vectors.h"
#include "tests/filters/filter_fixture.h"

namespace postern {
extern const FilterType arc_filter;
}

using namespace postern;
using namespace postern::test;

namespace {

/// One set, sealed with the key of dkim_vectors.h, by openssl over forms worked out by hand.
const std::string sealed =
    "ARC-Seal: i=1; a=ed25519-sha256; cv=none; d=author.example; s=ed; t=1700000000;\r\n"
    "\tb=i0sPEEEpAhgc9pL5ZQnOCFXi6G+k7LsJ5PfVkp65Y2vz7e+C/"
    "ETgHsDoagDFvgr0s5NXCwyxLkGMVCWiPDWUBQ==\r\n"
    "ARC-Message-Signature: i=1; a=ed25519-sha256; c=relaxed/simple; d=author.example;\r\n"
    "\ts=ed; h=from; bh=zh7fK14csJTEj3AD33KUP9CM+yCQ7lwa/SfMV+cx6XY=;\r\n"
    "\tb=FdcVvir2/"
    "hzivay7MVDtXk2eB23kZj+jGVZwxw351bqeYWK3Wxdlz8LDRcdlUkIxSN8iN8qK0n0ZcrVVaFKHDQ==\r\n"
    "ARC-Authentication-Results: i=1; author.example; spf=pass\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

struct ArcFixture : FilterFixture {
  ArcFixture() {
    configure(arc_filter, "");
    dns.add("ed._domainkey.author.example", RecordType::txt, vectors::ed_key);
  }
  std::string result(std::string octets) {
    const auto answer = message(std::move(octets));
    BOOST_REQUIRE(answer);
    BOOST_REQUIRE(answer->findings.size() == 1U);
    return answer->findings.front().text;
  }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(arc_filter_test, ArcFixture)

BOOST_AUTO_TEST_CASE(a_chain_that_holds_passes_and_names_its_newest_sealer) {
  BOOST_TEST(result(sealed) == "arc=pass header.i=1 header.d=author.example header.s=ed");
}

BOOST_AUTO_TEST_CASE(a_message_without_a_chain_is_none) {
  BOOST_TEST(result("From: a@author.example\r\n\r\nbody\r\n") == "arc=none");
}

BOOST_AUTO_TEST_CASE(changed_results_break_the_seal) {
  BOOST_TEST(result(replaced(sealed, "spf=pass", "spf=fail")).starts_with("arc=fail "));
}

BOOST_AUTO_TEST_CASE(a_changed_body_breaks_the_message_signature) {
  BOOST_TEST(result(sealed + "PS\r\n").starts_with("arc=fail "));
}

BOOST_AUTO_TEST_CASE(a_set_that_is_not_whole_or_not_the_first_fails_without_a_question) {
  const auto results = sealed.find("ARC-Authentication-Results");
  const auto author = sealed.find("From:");
  BOOST_TEST(result(sealed.substr(0, results) + sealed.substr(author)).starts_with("arc=fail "));
  BOOST_TEST(result(replaced(sealed, "cv=none", "cv=pass")).starts_with("arc=fail "));
  BOOST_TEST(result(sealed.substr(0, author) + sealed).starts_with("arc=fail "));
  BOOST_TEST(dns.asked.empty());
}

BOOST_AUTO_TEST_SUITE_END()
