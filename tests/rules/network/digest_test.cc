#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/network/digest.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(digest)

// RFC 1321 §A.5, and FIPS 180-4's example for "abc".
BOOST_AUTO_TEST_CASE(md5_and_sha1_are_hexadecimal) {
  BOOST_TEST(digest_label(DigestKind::md5, "abc") == "900150983cd24fb0d6963f7d28e17f72");
  BOOST_TEST(digest_label(DigestKind::sha1, "abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

BOOST_AUTO_TEST_CASE(sha256_is_base32_and_fits_into_a_label) {
  const auto label = digest_label(DigestKind::sha256, "abc");

  BOOST_TEST(label == "xj4bnp4pahh6uqkbidpf3lrceoyagyndsylxvhfucd7wd4qacwwq");
  BOOST_TEST(label.size() == 52U);
}

BOOST_AUTO_TEST_CASE(without_a_digest_the_octets_stay_as_they_are) {
  BOOST_TEST(digest_label(DigestKind::none, "a@B.example") == "a@B.example");
}

BOOST_AUTO_TEST_SUITE_END()
