#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/rules/evals/evals_support.h"

using namespace postern;

namespace {

std::string alternative(std::string_view text, std::string_view html) {
  return "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n" +
         std::string(text) + "\n--b\nContent-Type: text/html\n\n" + std::string(html) + "\n--b--\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(body_eval)

BOOST_AUTO_TEST_CASE(alternatives_are_compared_word_by_word) {
  const auto differs = [](const std::string& message) {
    return evaluate("multipart_alternative_difference", {"49", "50"}, message);
  };
  BOOST_TEST(differs(alternative("one", "<b>one</b> two -")) == 1);
  BOOST_TEST(differs(alternative("one two", "<b>one</b> two")) == 0);
  BOOST_TEST(differs(alternative("one", "one one")) == 0);
}

BOOST_AUTO_TEST_CASE(an_image_counts_where_html_has_no_words) {
  BOOST_TEST(evaluate("multipart_alternative_difference", {"99", "100"},
                      alternative("one", "<img>")) == 1);
  BOOST_TEST(evaluate("multipart_alternative_difference_count", {"2", "0"},
                      alternative("one two three", "<img>")) == 1);
}

BOOST_AUTO_TEST_CASE(blank_lines_are_counted) {
  BOOST_TEST(evaluate("check_blank_line_ratio", {"60", "80", "4"}, "Subject: a\n\nb\n\n\n \n") ==
             1);
  BOOST_TEST(evaluate("check_blank_line_ratio", {"60", "80", "5"}, "Subject: a\n\nb\n\n\n \n") ==
             0);
}

BOOST_AUTO_TEST_CASE(words_set_letter_by_letter_have_many_blanks) {
  BOOST_TEST(evaluate("tvd_vertical_words", {"90", "100"}, "Subject: s\n\nplain words\n") == 0);
  BOOST_TEST(evaluate("tvd_vertical_words", {"90", "100"}, "Subject: s\n\na b c d e f\n") == 1);
}

BOOST_AUTO_TEST_CASE(the_length_of_a_body_is_that_of_its_octets) {
  BOOST_TEST(evaluate("check_body_length", {"3"}, "Subject: s\n\nab\n") == 1);
  BOOST_TEST(evaluate("check_body_length", {"2"}, "Subject: s\n\nab\n") == 0);
}

BOOST_AUTO_TEST_CASE(a_signature_begins_with_the_last_mark_that_is_no_decoy) {
  const std::string message = "Subject: s\n\nab\n-- \nlong signature\n-- \nx\n";
  BOOST_TEST(evaluate("plaintext_body_length", {"3", "3"}, message) == 1);
  BOOST_TEST(evaluate("plaintext_sig_length", {"10", "30"}, message) == 1);
  BOOST_TEST(evaluate("plaintext_body_sig_ratio", {"0", "0.5"}, message) == 1);
}

BOOST_AUTO_TEST_CASE(labels_of_a_data_sheet_are_counted_once_each) {
  const std::string message = "Subject: s\n\nSymbol: ABCD\nSYMBOL : X\nCurrent Price: 2\nNote: y\n";
  BOOST_TEST(evaluate("check_stock_info", {"2"}, message) == 1);
  BOOST_TEST(evaluate("check_stock_info", {"3"}, message) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
