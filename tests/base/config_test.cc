#define BOOST_TEST_DYN_LINK
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <limits>

#include "gateway/base/config.h"

using namespace postern;
using namespace std::chrono_literals;

namespace {

struct Listener {
  std::int64_t port = 25;
  std::string cipher = "modern";
};

struct Settings {
  bool observe = false;
  std::int64_t threads = 4;
  double weight = 1.5;
  milliseconds backoff = 300s;
  std::uint64_t limit = 10 * 1024 * 1024;
  std::string hostname = "mx.example.org";
  std::string on_failure = "pass";
  std::vector<std::string> networks{"127.0.0.0/8", "::1"};
  std::string tls_mode = "may";
  std::vector<Listener> listeners;
};

void describe_listener(Listener& s, Keys& keys) {
  keys.integer("port", s.port, 1, 65535, "Where to listen.");
  keys.table(
      "tls", [&](Keys& tls) { tls.text("cipher", s.cipher, "Which ciphers."); }, "Encryption.");
}

void describe(Settings& s, Keys& keys) {
  keys.table(
      "queue",
      [&](Keys& queue) {
        queue.duration("backoff", s.backoff, 1s, 24h, "Shortest time between two attempts.");
        queue.size("limit", s.limit, 1024, UINT64_MAX, "Largest message.");
      },
      "What waits.");
  keys.flag("observe", s.observe, "Report, but do not act.");
  keys.integer("threads", s.threads, 1, 64, "How many loops.");
  keys.real("weight", s.weight, 0, 10, "How much it counts.");
  keys.text("hostname", s.hostname, "The name that is said in HELO.");
  keys.choice("on_failure", s.on_failure, {"pass", "defer"}, "What to do when it fails.");
  keys.list("networks", s.networks, "Clients that may relay.");
  keys.tables(
      "listener", [&](Keys& listener) { describe_listener(s.listeners.emplace_back(), listener); },
      "A port to listen on.");
}

std::vector<std::string> problems(std::string_view text, Settings& settings) {
  std::vector<std::string> out;
  for (const auto& found :
       read_config_text(text, "f", [&](Keys& keys) { describe(settings, keys); })) {
    out.push_back(found.where + ": " + found.what);
  }
  return out;
}

/// The one problem of this text, or a list of what there was instead.
std::string problem_of(std::string_view text) {
  Settings settings;
  std::string out;
  for (const auto& one : problems(text, settings)) out += (out.empty() ? "" : " | ") + one;
  return out;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(every_kind_of_key_is_read) {
  Settings s;

  const auto found = problems(R"(
observe = true
threads = 8
weight = 2.5
hostname = "gate.example.org"
on_failure = "defer"
networks = ["192.0.2.0/24"]
[queue]
backoff = "1h30m"
limit = "1MiB"
[[listener]]
port = 587
[[listener]]
tls.cipher = "old"
)",
                              s);

  BOOST_TEST(found.empty());
  BOOST_TEST(s.observe);
  BOOST_TEST(s.threads == 8);
  BOOST_TEST(s.weight == 2.5);
  BOOST_TEST(s.hostname == "gate.example.org");
  BOOST_TEST(s.on_failure == "defer");
  BOOST_TEST((s.networks == std::vector<std::string>{"192.0.2.0/24"}));
  BOOST_TEST(s.backoff.count() == 5'400'000);
  BOOST_TEST(s.limit == 1U << 20);
  BOOST_REQUIRE(s.listeners.size() == 2);
  BOOST_TEST(s.listeners[0].port == 587);
  BOOST_TEST(s.listeners[0].cipher == "modern");
  BOOST_TEST(s.listeners[1].port == 25);
  BOOST_TEST(s.listeners[1].cipher == "old");
}

BOOST_AUTO_TEST_CASE(an_empty_file_leaves_every_default) {
  Settings s;

  BOOST_TEST(problems("", s).empty());
  BOOST_TEST(s.threads == 4);
  BOOST_TEST(s.networks.size() == 2);
  BOOST_TEST(s.listeners.empty());
}

BOOST_AUTO_TEST_CASE(plain_numbers_are_seconds_and_octets_and_one_text_is_a_list) {
  Settings s;

  BOOST_TEST(
      problems("networks = 'one'\nweight = 3\n[queue]\nbackoff = 90\nlimit = 4000\n", s).empty());
  BOOST_TEST((s.networks == std::vector<std::string>{"one"}));
  BOOST_TEST(s.weight == 3.0);
  BOOST_TEST(s.backoff.count() == 90'000);
  BOOST_TEST(s.limit == 4000U);
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_reported_where_it_stands_with_the_nearest_known_one) {
  BOOST_TEST(problem_of("[queue]\n\n  backof = '5m'\n") ==
             "f:3:3: unknown key 'backof' in table [queue]; did you mean 'backoff'?");
  BOOST_TEST(problem_of("zzzzzzzzz = 1\n") == "f:1:1: unknown key 'zzzzzzzzz' at the top level");
  BOOST_TEST(problem_of("[queu]\n") ==
             "f:1:2: unknown key 'queu' at the top level; did you mean 'queue'?");
  BOOST_TEST(problem_of("[[listener]]\n[listener.tls]\nciphers = 'a'\n") ==
             "f:3:1: unknown key 'ciphers' in table [listener.tls]; did you mean 'cipher'?");
  BOOST_TEST(holds(problem_of("[[listener]]\nprt = 1\n"), "'prt' in table [[listener]]"));
}

BOOST_AUTO_TEST_CASE(a_wrong_type_names_what_was_found_and_what_is_wanted) {
  BOOST_TEST(problem_of("threads = '8'\n") ==
             "f:1:1: 'threads' is the text \"8\", but a whole number is wanted, for example 4");
  BOOST_TEST(problem_of("threads = 8.5\n") ==
             "f:1:1: 'threads' is the number 8.5, but a whole number is wanted, for example 4");
  BOOST_TEST(
      holds(problem_of("observe = 'true'\n"), "is the text \"true\", but true or false is wanted"));
  BOOST_TEST(
      holds(problem_of("hostname = 1979-05-27\n"), "is a date or time, but a text is wanted"));
  BOOST_TEST(holds(problem_of("weight = nan\n"), "a number is wanted, for example 1.5"));
  BOOST_TEST(holds(problem_of("[queue]\nbackoff = true\n"),
                   "is true, but a duration is wanted, for example \"5m\""));
  BOOST_TEST(holds(problem_of("[queue]\nlimit = []\n"),
                   "is an array, but a size is wanted, for example \"10MiB\""));
  BOOST_TEST(holds(problem_of("queue = 1\n"), "a table is wanted: [queue]"));
  BOOST_TEST(holds(problem_of("[listener]\nport = 1\n"), "tables are wanted: [[listener]]"));
  BOOST_TEST(
      holds(problem_of("listener = [1]\n"), "f:1:13: an element of 'listener' is the number 1"));
  BOOST_TEST(holds(problem_of("networks = ['a', 2]\n"),
                   "f:1:18: an element of 'networks' is the number 2"));
}

BOOST_AUTO_TEST_CASE(a_value_out_of_bounds_is_reported_with_its_bounds_and_not_taken) {
  Settings s;

  const auto found =
      problems("threads = 65\nweight = -0.5\n[queue]\nbackoff = '2d'\nlimit = 1\n", s);

  BOOST_REQUIRE(found.size() == 4);
  BOOST_TEST(found[0] == "f:1:1: 'threads' is 65, out of bounds: it must be from 1 to 64");
  BOOST_TEST(found[1] == "f:2:1: 'weight' is -0.5, out of bounds: it must be from 0 to 10");
  BOOST_TEST(found[2] == "f:4:1: 'backoff' is 2d, out of bounds: it must be from 1s to 1d");
  BOOST_TEST(found[3] == "f:5:1: 'limit' is 1, out of bounds: it must be at least 1KiB");
  BOOST_TEST(s.threads == 4);
  BOOST_TEST(s.backoff.count() == 300'000);
}

BOOST_AUTO_TEST_CASE(bounds_themselves_are_allowed) {
  BOOST_TEST(problem_of("threads = 1\nweight = 10\n[queue]\nbackoff = '24h'\n") == "");
  BOOST_TEST(problem_of("threads = 64\nweight = 0\n[queue]\nbackoff = '1s'\nlimit = '1KiB'\n") ==
             "");
}

BOOST_AUTO_TEST_CASE(numbers_beyond_their_type_are_problems_and_not_undefined) {
  BOOST_TEST(holds(problem_of("[queue]\nbackoff = 9223372036854775807\n"), "out of bounds"));
  BOOST_TEST(holds(problem_of("[queue]\nbackoff = -9223372036854775808\n"), "out of bounds"));
  BOOST_TEST(holds(problem_of("[queue]\nlimit = -1\n"), "'limit' is -1, out of bounds"));
  BOOST_TEST(holds(problem_of("[queue]\nlimit = '99999999999TiB'\n"), "too large"));
}

BOOST_AUTO_TEST_CASE(a_choice_names_what_is_allowed) {
  BOOST_TEST(
      problem_of("on_failure = 'reject'\n") ==
      "f:1:1: 'on_failure' is the text \"reject\", but one of \"pass\", \"defer\" is wanted");
}

BOOST_AUTO_TEST_CASE(all_problems_are_reported_in_the_order_of_the_file) {
  Settings s;

  const auto found =
      problems("weight = 'x'\nnonsense = 1\nobserve = 1\n[queue]\nlimit = 'huge'\n", s);

  BOOST_REQUIRE(found.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string start = "f:" + std::to_string(i < 3 ? i + 1 : 5) + ":1: ";
    BOOST_TEST(found[i].substr(0, start.size()) == start);
  }
}

BOOST_AUTO_TEST_CASE(a_syntax_error_is_reported_with_line_and_column) {
  const auto found = problem_of("threads = 1\nweight = = 2\n");

  BOOST_TEST(found.substr(0, 6) == "f:2:10");
  BOOST_TEST(holds(problem_of("threads = 1\nthreads = 2\n"), "f:2:"));
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_a_problem_and_no_crash) {
  const auto found = problem_of("networks = " + std::string(100'000, '['));

  BOOST_TEST(found.substr(0, 4) == "f:1:");
}

BOOST_AUTO_TEST_CASE(a_component_reports_its_own_problem_at_the_key_or_at_the_table) {
  std::string where;
  const auto look = [&](Keys& keys) {
    keys.table(
        "map",
        [&](Keys& map) {
          std::string path;
          map.text("path", path, "h");
          map.problem("path", "cannot be read");
          map.problem("other", "is absent");
          where = map.where("path");
        },
        "h");
  };

  const auto found = read_config_text("\n[map]\n  path = 'x'\n", "f", look);

  BOOST_REQUIRE(found.size() == 2);
  BOOST_TEST(found[0].where.substr(0, 4) == "f:2:");
  BOOST_TEST(found[0].what == "is absent");
  BOOST_TEST(found[1].where == "f:3:3");
  BOOST_TEST(where == "f:3:3");
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_a_problem_that_names_it) {
  const auto found = read_config("/nonexistent/postern.toml", [](Keys&) {});

  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(holds(found[0].what, "/nonexistent/postern.toml: No such file"));
}

BOOST_AUTO_TEST_CASE(a_folder_or_an_endless_device_is_a_problem) {
  BOOST_TEST(read_config("/tmp", [](Keys&) {}).size() == 1U);
  const auto endless = read_config("/dev/zero", [](Keys&) {});
  BOOST_REQUIRE(endless.size() == 1);
  BOOST_TEST(holds(endless[0].what, "larger than 16MiB"));
}

BOOST_AUTO_TEST_CASE(a_file_is_read_and_named_in_its_problems) {
  char path[] = "/tmp/postern-config-XXXXXX";
  const int file = mkstemp(path);
  BOOST_REQUIRE(file >= 0);
  constexpr std::string_view text = "threads = 9\nbad = 1\n";
  BOOST_REQUIRE(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(file);
  Settings s;

  const auto found = read_config(path, [&](Keys& keys) { describe(s, keys); });
  std::remove(path);

  BOOST_TEST(s.threads == 9);
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].where == path + std::string(":2:1"));
}

BOOST_AUTO_TEST_CASE(the_manual_shows_help_kind_bounds_and_default) {
  Settings s;
  const auto manual = config_manual([&](Keys& keys) { describe(s, keys); });

  BOOST_TEST(holds(manual,
                   "# Shortest time between two attempts.\n"
                   "# Duration, from 1s to 1d.\n"
                   "# backoff = \"5m\"\n"));
  BOOST_TEST(holds(manual, "# Size, at least 1KiB.\n# limit = \"10MiB\"\n"));
  BOOST_TEST(holds(manual, "# One of \"pass\", \"defer\".\n# on_failure = \"pass\"\n"));
  BOOST_TEST(holds(manual, "# networks = [\"127.0.0.0/8\", \"::1\"]\n"));
  BOOST_TEST(holds(manual, "\n[queue]\n"));
  BOOST_TEST(holds(manual, "# [[listener]]\n"));
  BOOST_TEST(holds(manual, "# [listener.tls]\n"));
  BOOST_TEST(manual.find("# threads") < manual.find("[queue]"));
}

BOOST_AUTO_TEST_CASE(the_manual_as_it_is_changes_nothing) {
  Settings written;
  const auto manual = config_manual([&](Keys& keys) { describe(written, keys); });
  Settings read;

  BOOST_TEST(problems(manual, read).empty());
  BOOST_TEST(read.listeners.empty());
}

BOOST_AUTO_TEST_CASE(every_commented_key_of_the_manual_can_be_read_back) {
  Settings written;
  written.backoff = 90'500ms;
  written.limit = 12345;
  written.hostname = "quo\"te\\back\nline\x01ö";
  const auto manual = config_manual([&](Keys& keys) { describe(written, keys); });
  std::string living;
  for (std::size_t at = 0; at < manual.size();) {
    const auto end = manual.find('\n', at);
    const auto line = manual.substr(at, end - at);
    const bool is_setting = holds(line, " = ") || line.starts_with("# [");
    living += (is_setting ? line.substr(2) : line) + "\n";
    at = end + 1;
  }
  Settings read;
  read.threads = 0;

  const auto found = problems(living, read);

  BOOST_TEST(found.empty(), (found.empty() ? "" : found.front()));
  BOOST_TEST(read.threads == written.threads);
  BOOST_TEST(read.backoff.count() == written.backoff.count());
  BOOST_TEST(read.limit == written.limit);
  BOOST_TEST(read.hostname == written.hostname);
  BOOST_TEST((read.networks == written.networks));
  BOOST_TEST(read.listeners.size() == 1U);
}

BOOST_AUTO_TEST_CASE(long_help_is_wrapped_at_100_columns) {
  const auto manual = config_manual([](Keys& keys) {
    bool value = false;
    std::string help;
    for (int i = 0; i < 100; ++i) help += "word ";
    keys.flag("flag", value, help);
  });

  for (std::size_t at = 0; at < manual.size();) {
    const auto end = manual.find('\n', at);
    BOOST_TEST(end - at <= 100U);
    at = end + 1;
  }
}

BOOST_AUTO_TEST_CASE(durations_are_read_with_their_units) {
  const std::pair<const char*, std::int64_t> good[] = {{"5m", 300'000},
                                                       {"1h30m", 5'400'000},
                                                       {"2d", 172'800'000},
                                                       {"250ms", 250},
                                                       {"300", 300'000},
                                                       {"300s", 300'000},
                                                       {"1w", 604'800'000},
                                                       {"0", 0},
                                                       {"1s500ms", 1500},
                                                       {" 1h 30m ", 5'400'000},
                                                       {"9223372036854775807ms", INT64_MAX}};
  for (const auto& [text, expected] : good) {
    const auto read = parse_duration(text);
    BOOST_REQUIRE_MESSAGE(read.has_value(), "refused: " << text);
    BOOST_TEST(read->count() == expected);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
  for (const auto* text :
       {"", " ", "m", "5x", "-5m", "1.5h", "5M", "1h30", "30 1h", "5m1h", "5m5m", "1 0m", "5m,",
        "9223372036854775808ms", "9999999999999999999d", "99999999999999w"}) {
    BOOST_TEST(!parse_duration(text).has_value(), "accepted: " << text);
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_read_with_their_units) {
  const std::pair<const char*, std::uint64_t> good[] = {{"10MiB", 10'485'760},
                                                        {"256KiB", 262'144},
                                                        {"4000", 4000},
                                                        {"1 gib", 1ULL << 30},
                                                        {"2TiB", 2ULL << 40},
                                                        {"7B", 7},
                                                        {"0", 0},
                                                        {"18446744073709551615", UINT64_MAX}};
  for (const auto& [text, expected] : good) {
    const auto read = parse_size(text);
    BOOST_REQUIRE_MESSAGE(read.has_value(), "refused: " << text);
    BOOST_TEST(*read == expected);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_size_is_refused) {
  for (const auto* text : {"", "MiB", "10MB", "-1", "1.5MiB", "10MiB5", "1KiB 1B",
                           "18446744073709551616", "16777216TiB"}) {
    BOOST_TEST(!parse_size(text).has_value(), "accepted: " << text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_formatted_is_read_back_as_the_same) {
  for (const std::int64_t value :
       {0L, 1L, 999L, 1000L, 61'001L, 86'400'000L, 691'200'000L, INT64_MAX}) {
    BOOST_TEST(parse_duration(format_duration(milliseconds(value))).value().count() == value);
  }
  for (const std::uint64_t value : {0UL, 1UL, 1023UL, 1024UL, 1536UL, 1UL << 30, UINT64_MAX}) {
    BOOST_TEST(parse_size(format_size(value)).value() == value);
  }
}

BOOST_AUTO_TEST_CASE(formatting_uses_the_largest_units) {
  BOOST_TEST(format_duration(300s) == "5m");
  BOOST_TEST(format_duration(90min) == "1h30m");
  BOOST_TEST(format_duration(24h * 14) == "14d");
  BOOST_TEST(format_duration(0ms) == "0s");
  BOOST_TEST(format_duration(-250ms) == "-250ms");
  BOOST_TEST(format_size(10'485'760) == "10MiB");
  BOOST_TEST(format_size(4000) == "4000");
}

BOOST_AUTO_TEST_SUITE_END()
