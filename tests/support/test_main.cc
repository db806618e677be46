// test_main.cc — the one file that pays for Boost.Test's main function.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE postern
#include <boost/test/unit_test.hpp>
