#define BOOST_TEST_DYN_LINK
#include "policies/map.h"

#include <boost/test/unit_test.hpp>

#include "policies/text_map.h"
#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;

namespace {

std::shared_ptr<const Map> text_map(std::string_view source, std::vector<Problem>& problems) {
  return parse_text_map(source, "hash:/t", "/t", problems);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(maps)

BOOST_AUTO_TEST_CASE(a_text_file_is_read_as_postmap_reads_it) {
  const TemporaryFolder folder;
  const auto file = folder.write("access",
                                 "# a comment\n"
                                 "\n"
                                 "Example.ORG\t  REJECT go away  \r\n"
                                 "long one\n"
                                 "# in between\n"
                                 "   two\n"
                                 "\tthree\n"
                                 "\"john doe\"@example.org  quoted\n");

  for (const std::string type : {"hash:", "texthash:"}) {
    const auto map = open_good(type + file);

    BOOST_TEST(ask(*map, "example.org") == "REJECT go away");
    BOOST_TEST(ask(*map, "EXAMPLE.org") == "REJECT go away");
    BOOST_TEST(ask(*map, "long") == "one   two\tthree");
    BOOST_TEST(ask(*map, "\"John Doe\"@example.org") == "quoted");
    BOOST_TEST(ask(*map, "example.or") == "(none)");
    BOOST_TEST(ask(*map, "") == "(none)");
    BOOST_TEST(map->size() == 3U);
    BOOST_TEST(!map->searches_whole_key());
    BOOST_TEST(map->name() == type + file);
  }
}

BOOST_AUTO_TEST_CASE(bad_lines_are_named_and_the_others_load) {
  std::vector<Problem> problems;
  const auto map = text_map(
      "  starts with a blank\n"
      "good value\n"
      "lonely\n"
      "alias: root\n"
      "good again\n"
      "\"open quote value\n",
      problems);

  BOOST_TEST(ask(*map, "good") == "value");
  BOOST_TEST(map->size() == 1U);
  BOOST_REQUIRE_EQUAL(problems.size(), 5U);
  BOOST_TEST(problems[0].where == "/t:1");
  BOOST_TEST(problems[1].where == "/t:3");
  BOOST_TEST(problems[1].what.find("no value") != std::string::npos);
  BOOST_TEST(problems[2].where == "/t:4");
  BOOST_TEST(problems[3].where == "/t:5");
  BOOST_TEST(problems[3].what.find("second entry") != std::string::npos);
  BOOST_TEST(problems[4].where == "/t:6");
}

BOOST_AUTO_TEST_CASE(a_nul_or_an_endless_line_is_refused) {
  std::vector<Problem> problems;
  const std::string source =
      std::string("a\0b c\n", 6) + "key " + std::string(2U << 20, 'x') + "\n";

  const auto map = text_map(source, problems);

  BOOST_TEST(map->size() == 0U);
  BOOST_TEST(problems.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_large_table_finds_every_key_and_no_other) {
  std::string source;
  for (int i = 0; i < 50000; ++i) {
    source += "user" + std::to_string(i) + "@example.org value" + std::to_string(i) + "\n";
  }
  std::vector<Problem> problems;
  const auto map = text_map(source, problems);

  BOOST_TEST(problems.empty());
  BOOST_TEST(map->size() == 50000U);
  int wrong = 0;
  for (int i = 0; i < 50000; ++i) {
    const std::string number = std::to_string(i);
    if (ask(*map, "User" + number + "@Example.org") != "value" + number) ++wrong;
    if (ask(*map, "user" + number + "x@example.org") != "(none)") ++wrong;
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(an_inline_table_takes_pairs_with_and_without_braces) {
  const auto map = open_good("inline:{ a=1, B=2, {c = three words, with a comma} {d={x}} }");

  BOOST_TEST(ask(*map, "a") == "1");
  BOOST_TEST(ask(*map, "b") == "2");
  BOOST_TEST(ask(*map, "C") == "three words, with a comma");
  BOOST_TEST(ask(*map, "d") == "{x}");
}

BOOST_AUTO_TEST_CASE(a_wrong_inline_table_is_an_error) {
  for (const char* wrong : {"inline:a=b", "inline:{}", "inline:{ {a=b }", "inline:{novalue}",
                            "inline:{=x}", "inline:{a = 1}", "inline:{a=1 a=2}", "inline:{"}) {
    std::vector<Problem> problems;
    BOOST_TEST(!open_map(wrong, problems), wrong);
  }
}

BOOST_AUTO_TEST_CASE(static_and_fail_answer_every_key) {
  BOOST_TEST(ask(*open_good("static:OK"), "anything") == "OK");
  BOOST_TEST(ask(*open_good("static:{ REJECT not today }"), "x") == "REJECT not today");
  BOOST_TEST(ask(*open_good("fail:outage"), "anything") == "(error)");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_says_what_to_do) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/etc/access", "type:argument"},
      {"hash:", "names nothing"},
      {"hash:/nonexistent/file", "No such file"},
      {"hash:/", "not a regular file"},
      {"hahs:/etc/access", "did you mean \"hash:\""},
      {"btree:/etc/access", "use hash:"},
      {"proxy:hash:/etc/access", "leave out"}};
  for (const auto& [specification, advice] : cases) {
    std::vector<Problem> problems;
    const auto map = open_map(specification, problems);
    BOOST_REQUIRE_MESSAGE(!map, specification);
    BOOST_TEST(map.error().what.find(advice) != std::string::npos, map.error().what);
  }
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_open_a_map_reports_the_place_in_the_configuration) {
  std::vector<Problem> problems;
  const MapList list = MapList::open({{"hash:/nonexistent/a", "static:x"}, "p.toml:7:1"}, problems);

  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(problems[0].where == "p.toml:7:1");
  BOOST_TEST(list.maps().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_list_searches_its_maps_in_order) {
  const MapList list = open_list({"inline:{a=1}", "inline:{a=2, b=3}"});

  BOOST_TEST(list.find("a").value()->value == "1");
  BOOST_TEST(list.find("b").value()->value == "3");
  BOOST_TEST(list.find("b").value()->map == "inline:{a=2, b=3}");
  BOOST_TEST(!list.find("c").value());
}

BOOST_AUTO_TEST_CASE(an_error_of_a_map_is_never_taken_for_no_match) {
  const MapList list = open_list({"inline:{a=1}", "fail:x", "static:never"});

  BOOST_TEST(list.find("a").value()->value == "1");
  BOOST_TEST(!list.find("b"));
}

BOOST_AUTO_TEST_CASE(a_pattern_is_not_asked_for_parts_of_a_key) {
  const MapList list = open_list({"static:always", "inline:{part=found}"});
  const LookupKeys parts = {{"part", true}};

  BOOST_TEST(list.find(parts).value()->value == "found");
}

BOOST_AUTO_TEST_CASE(values_can_be_visited_with_their_place) {
  std::vector<Problem> problems;
  const auto map = text_map("# c\na 1\n\nb 2\n", problems);
  std::string seen;

  map->each_value([&seen](const std::string& where, std::string_view value) {
    seen += where + "=" + std::string(value) + " ";
  });

  BOOST_TEST(seen == "/t:2=1 /t:4=2 ");
}

BOOST_AUTO_TEST_SUITE_END()
