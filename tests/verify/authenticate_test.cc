// authenticate_test.cc — what a message gets into Authentication-Results.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "gateway/verify/authenticate.h"
#include "gateway/verify/zone.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(authenticate_suite)

BOOST_AUTO_TEST_CASE(the_three_filters_see_each_other_s_findings) {
  ZoneResolver zone;
  BOOST_REQUIRE(read_zone("example.org TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                          "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n",
                          zone)
                    .has_value());
  ReceivedMessage message;
  message.client = *IpAddress::parse("192.0.2.1");
  message.helo = "mail.example.org";
  message.sender = "bob@example.org";
  message.octets = "From: bob@example.org\r\n\r\nbody\r\n";

  const auto value = authenticate(zone, message);

  BOOST_REQUIRE(value.has_value());
  BOOST_TEST(*value ==
             "localhost; spf=pass smtp.mailfrom=bob@example.org; spf=none "
             "smtp.helo=mail.example.org; dkim=none; dmarc=pass (p=reject) header.from=example.org "
             "policy.published-domain-policy=reject");
}

BOOST_AUTO_TEST_SUITE_END()
