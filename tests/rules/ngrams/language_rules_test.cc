#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "rules/engine/report_template.h"
#include "rules/rules.h"

using namespace postern;

namespace {

namespace fs = std::filesystem;

/// A folder with rules and a file of languages, of which the only one is French.
struct Fixture {
  Fixture() { fs::create_directories(folder); }
  ~Fixture() { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  ScanResult scanned(const std::string& rules, bool with_file = true) {
    write("10_rules.cf", rules);
    if (with_file) write("languages", "e\nth\n0 fr\n");
    loaded = load_rules({folder.string()});
    BOOST_REQUIRE(loaded.problems.empty());
    std::string message = "Subject: news\n\n";
    for (int i = 0; i < 10; ++i) message += "the weather was fine that morning\n";
    ScanScratch scratch;
    return scan(*loaded.rules, {.octets = message}, scratch);
  }
  std::string hits(const std::string& rules) {
    std::string out;
    for (const auto& hit : scanned(rules).hits) out.append(hit.name) += ' ';
    return out;
  }

  fs::path folder = fs::temp_directory_path() / ("postern_languages." + std::to_string(getpid()));
  LoadedRules loaded;
};

const std::string plugin = "loadplugin Mail::SpamAssassin::Plugin::TextCat\n";
const std::string rules =
    "header FRENCH  X-Languages =~ /\\bfr\\b/\n"
    "header LONG    X-Languages-Length =~ /^[34]\\d\\d$/\n"
    "header GUESSED exists:X-Languages\n"
    "ok_languages en\n"
    "body UNWANTED eval:check_language()\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(language_rules, Fixture)

BOOST_AUTO_TEST_CASE(rules_see_the_languages_as_a_field_and_can_ask_whether_one_is_unwanted) {
  BOOST_TEST(hits(plugin + rules) == "FRENCH GUESSED LONG UNWANTED ");
}

BOOST_AUTO_TEST_CASE(without_the_plugins_line_no_language_is_guessed) {
  BOOST_TEST(hits(rules) == "");
}

BOOST_AUTO_TEST_CASE(conditions_know_whether_the_plugin_is_loaded) {
  const std::string asked =
      "ifplugin Mail::SpamAssassin::Plugin::TextCat\nheader YES Subject =~ /./\nendif\n";

  BOOST_TEST(hits(plugin + asked) == "YES ");
  BOOST_TEST(hits(asked) == "");
}

BOOST_AUTO_TEST_CASE(a_templates_tag_names_the_languages) {
  BOOST_TEST(fill_template("in _LANGUAGES_.", scanned(plugin + rules)) == "in fr.");
}

BOOST_AUTO_TEST_SUITE_END()
