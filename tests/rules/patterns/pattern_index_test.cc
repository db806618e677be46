#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <memory>

#include "rules/patterns/pattern_index.h"

using namespace postern;

namespace {

struct Wanted {
  std::string_view pattern;
  unsigned most = 1;
  bool skip_first = false;
};

/// Patterns with an index over them; rule numbers are their places in the list.
struct Indexed {
  std::vector<std::unique_ptr<Regex>> regexes;
  PatternIndex index;
  Matcher matcher;
  PatternScratch scratch;

  explicit Indexed(const std::vector<Wanted>& wanted,
                   PatternIndex::Filtering filtering = PatternIndex::Filtering::on) {
    std::vector<IndexedPattern> patterns;
    for (const auto& each : wanted) {
      auto regex = Regex::compile(each.pattern);
      BOOST_REQUIRE_MESSAGE(regex.has_value(), each.pattern);
      regexes.push_back(std::make_unique<Regex>(std::move(*regex)));
      patterns.push_back({.rule = static_cast<std::uint32_t>(patterns.size()),
                          .regex = regexes.back().get(),
                          .most = each.most,
                          .skip_first = each.skip_first});
    }
    index = PatternIndex::build(patterns, filtering);
  }

  PatternHits scan(
      const std::vector<std::string_view>& subjects,
      const std::function<bool(std::uint32_t)>& left_out = [](std::uint32_t) { return false; }) {
    PatternHits hits;
    index.scan(subjects, matcher, scratch, left_out, hits);
    return hits;
  }
};

std::vector<std::string> spans(const PatternHits& hits) {
  std::vector<std::string> out;
  for (const auto& hit : hits.matches) {
    out.push_back(std::to_string(hit.rule) + ":" + std::to_string(hit.subject) + ":" +
                  std::to_string(hit.span.from) + "-" + std::to_string(hit.span.to));
  }
  std::ranges::sort(out);
  return out;
}

using Spans = std::vector<std::string>;

Spans found(const std::vector<Wanted>& wanted, const std::vector<std::string_view>& subjects) {
  Indexed with(wanted);
  Indexed without(wanted, PatternIndex::Filtering::off);
  const auto both = spans(with.scan(subjects));
  BOOST_TEST(both == spans(without.scan(subjects)), boost::test_tools::per_element());
  return both;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pattern_index)

BOOST_AUTO_TEST_CASE(each_pattern_is_found_where_it_stands_and_only_there) {
  const auto hits = found({{"/lottery/i"}, {"/your prize/"}, {"/absent words/"}},
                          {"nothing here", "The LOTTERY, and your prize"});

  BOOST_TEST(hits == Spans({"0:1:4-11", "1:1:17-27"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pattern_without_anything_necessary_is_run_everywhere) {
  Indexed with({{"/a*/"}, {"/(?=x)/"}});

  BOOST_TEST(with.index.unfiltered() == 2U);
  BOOST_TEST(with.scan({"b"}).matches.size() == 1U);
  BOOST_TEST(with.scan({""}).matches.size() == 1U);
}

BOOST_AUTO_TEST_CASE(counted_matches_follow_one_another_as_in_perl) {
  const auto hits = found({{"/\\w+ly\\b/", 100}, {"/aa/", 100}}, {"aaaaa", "slowly, oddly and aa"});

  BOOST_TEST(hits == Spans({"0:1:0-6", "0:1:8-13", "1:0:0-2", "1:0:2-4", "1:1:18-20"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(counting_stops_at_the_bound_over_all_subjects) {
  const auto hits = found({{"/spam/", 3}}, {"spam spam", "spam spam"});

  BOOST_TEST(hits.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_match_may_begin_far_before_what_is_rare_in_it) {
  const auto hits = found({{"/^Dear .{0,200}zyzzyva/"}, {"/q\\d+.*zyzzyva/s", 5}},
                          {"Dear q1 friend, q2 we have a zyzzyva for you", "a zyzzyva, Dear"});

  BOOST_TEST(hits == Spans({"0:0:0-36", "1:0:5-36"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_window_across_the_end_of_a_subject_is_no_match) {
  BOOST_TEST(found({{"/prize money/"}}, {"your prize", " money"}).empty());
}

BOOST_AUTO_TEST_CASE(a_word_boundary_is_seen_at_the_start_of_the_text_and_inside) {
  const auto hits = found({{"/\\bzebra/", 9}, {"/\\b[a-f]{8}\\b/", 9}, {"/\\b\\W{9}x/"}},
                          {"zebra, a-zebra, azebra, x_zebra", "deadbeef adeadbeef", "-- -- -- x"});

  BOOST_TEST(hits == Spans({"0:0:0-5", "0:0:9-14", "1:1:0-8"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_repeated_item_is_found_only_where_all_of_its_repetitions_are) {
  const std::string_view form = "/(?:(?:your )?(?:name|city|phone)s?[ :_]{1,9}){3}/i";
  const std::vector<std::string_view> subjects{"your name and your city",
                                               "Your name: ____ City: ___ phone: __"};
  const auto counted = found({{form, 9}}, subjects);
  const auto decided = Indexed({{form}}).scan(subjects).matches;

  BOOST_TEST(counted == Spans({"0:1:0-35"}), boost::test_tools::per_element());
  BOOST_REQUIRE(decided.size() == 1U);
  BOOST_TEST(decided[0].subject == 1U);
}

BOOST_AUTO_TEST_CASE(many_windows_that_point_to_one_start_cost_one_try) {
  const std::string hostile = "x" + std::string(20000, ' ') + "zebra";
  std::string zebras = hostile;
  for (int i = 0; i < 2000; ++i) zebras += "zebra ";
  Indexed with({{"/^x(?:\\s|[ ])+zebra$/"}});

  const auto hits = with.scan({zebras});

  BOOST_TEST(hits.matches.empty());
  BOOST_TEST(hits.limited.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_pattern_for_the_start_of_the_subject_does_not_match_further_on) {
  const auto hits = found({{"/^zebra/"}, {"/^zebra/m"}}, {"a\nzebra", "zebra"});

  BOOST_TEST(hits == Spans({"0:1:0-5", "1:0:2-7"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_in_many_spellings_are_found_by_sets) {
  const std::string_view fuzzy = "/[vu\\xe3]\\W?[i1l!\\xec]\\W?[a4@]\\W?[gj9]\\W?r\\W?[a4@]/i";
  const auto hits = found({{fuzzy, 10}}, {"cheap V-1.4-G-R-@ and v14gra, no village"});

  BOOST_TEST(hits.size() == 2U);
}

BOOST_AUTO_TEST_CASE(folding_of_the_text_does_not_soften_a_pattern_with_case) {
  const auto hits = found({{"/Zephyr/"}, {"/\xc9tude/i"}}, {"zephyr ZEPHYR \xe9TUDE"});

  BOOST_TEST(hits == Spans({"1:0:14-19"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_first_subject_can_be_left_out) {
  const auto hits = found({{"/zebra/", 9, true}}, {"zebra", "zebra"});

  BOOST_TEST(hits == Spans({"0:1:0-5"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_left_out_is_not_run) {
  Indexed with({{"/zebra/"}, {"/okapi/"}});

  const auto hits = with.scan({"zebra okapi"}, [](std::uint32_t rule) { return rule == 0; });

  BOOST_TEST(spans(hits) == Spans({"1:0:6-11"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pattern_that_passes_its_limit_is_named_once_and_ends) {
  Indexed with({{"/(?:z|zz)+y/", 5}, {"/okapi/"}});
  const std::string hostile = std::string(5000, 'z') + " okapi y";

  const auto hits = with.scan({hostile, hostile});

  BOOST_TEST(hits.limited == std::vector<std::uint32_t>{0}, boost::test_tools::per_element());
  BOOST_TEST(spans(hits) == Spans({"1:0:5001-5006"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_scratch_serves_indexes_of_all_sizes_one_after_another) {
  Indexed small({{"/zebra/"}});
  Indexed large({{"/okapi/"}, {"/zebra/"}, {"/quagga/", 3}});
  PatternHits hits;
  const std::vector<std::string_view> subjects{"zebra quagga okapi quagga"};
  for (int i = 0; i < 3; ++i) {
    small.index.scan(subjects, small.matcher, small.scratch, [](auto) { return false; }, hits);
    large.index.scan(subjects, small.matcher, small.scratch, [](auto) { return false; }, hits);
  }

  BOOST_TEST(hits.matches.size() == 3U * 5U);
}

BOOST_AUTO_TEST_SUITE_END()
