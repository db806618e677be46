#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "rules/evals/pdf_document.h"

using namespace postern;

namespace {

std::set<std::string> titles(const std::string& line) {
  const auto document = read_pdf("%PDF-1.4\n" + line + "\n");
  BOOST_REQUIRE(document);
  const auto found = document->properties.find("title");
  return found == document->properties.end() ? std::set<std::string>{} : found->second;
}

using Texts = std::set<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(pdf_document)

BOOST_AUTO_TEST_CASE(the_mark_stands_within_the_first_kilobyte) {
  BOOST_TEST(read_pdf(std::string(1024, 'x') + "%PDF-1.4").has_value());
  BOOST_TEST(!read_pdf(std::string(1025, 'x') + "%PDF-1.4").has_value());
  BOOST_TEST(!read_pdf("%PDF-1").has_value());
}

BOOST_AUTO_TEST_CASE(properties_are_text_or_hexadecimal) {
  BOOST_TEST((titles("/Title (one \\(two\\) \\\\ \\101)") == Texts{"one (two) \\ A"}));
  BOOST_TEST((titles("/Title<48 69>") == Texts{"Hi"}));
  BOOST_TEST((titles("/Title <FEFF00480069>") == Texts{"Hi"}));
}

BOOST_AUTO_TEST_CASE(a_property_without_an_end_is_none) {
  BOOST_TEST(titles("/Title (never ends \\)").empty());
  BOOST_TEST(titles("/Title <48").empty());
  BOOST_TEST(titles("/Title 48").empty());
}

BOOST_AUTO_TEST_CASE(a_property_has_at_most_256_octets) {
  BOOST_TEST(titles("/Title (" + std::string(1000, 'x') + ")").begin()->size() == 256U);
}

BOOST_AUTO_TEST_CASE(pictures_count_where_both_sizes_stand_in_one_line) {
  const auto document = read_pdf(
      "%PDF-1.4\n/Image\n630 0 0 149 0 0 cm\n/Image\n/Width 5\n/Height 6\n/Image x /Width 2/Height "
      "3\n"
      "7 0 0 8 0 0 cm\n");
  BOOST_REQUIRE(document);
  BOOST_TEST(document->pictures == 2U);
  BOOST_TEST(document->pixels == 630 * 149 + 6);
  BOOST_TEST((document->sizes == Texts{"149x630", "3x2", "152x632"}));
}

BOOST_AUTO_TEST_CASE(a_line_of_openings_costs_no_square) {
  std::string line;
  for (int i = 0; i < 200'000; ++i) line += "/Title(/Author<";

  BOOST_TEST(titles(line).empty());
}

BOOST_AUTO_TEST_SUITE_END()
