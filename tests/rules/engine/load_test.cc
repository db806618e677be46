#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "tests/rules/rules_support.h"

#include <unistd.h>

using namespace postern;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder()
      : path(std::filesystem::temp_directory_path() /
             ("postern-rules-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(loading)

BOOST_AUTO_TEST_CASE(a_folder_is_read_in_the_order_of_names_settings_first) {
  const Folder folder;
  folder.write("20_b.cf", "score A 2\n");
  folder.write("10_a.cf", "body A /x/\nscore A 1\n");
  folder.write("z.pre", "score A 9\n");
  folder.write("notes.txt", "nonsense\n");
  folder.write(".hidden.cf", "nonsense\n");

  const auto loaded = load_rules({folder.path.string()});

  BOOST_TEST(loaded.problems.empty());
  BOOST_REQUIRE(loaded.rules->rules().size() == 1U);
  BOOST_TEST(loaded.rules->rules()[0].score == 2.0);
  BOOST_REQUIRE(loaded.files.size() == 3U);
  BOOST_TEST(loaded.files[0].ends_with("z.pre"));
  BOOST_TEST(loaded.files[2].ends_with("20_b.cf"));
}

BOOST_AUTO_TEST_CASE(the_settings_of_all_folders_come_before_all_rules) {
  const Folder folder;
  folder.write("rules/a.cf", "if can(Mail::SpamAssassin::Conf::compat_x)\nbody A /x/\nendif\n");
  folder.write("site/init.pre", "enable_compat x\n");
  const auto loaded = load_rules({folder.path / "rules", folder.path / "site"});
  BOOST_TEST(loaded.rules->rules().size() == 1U);
  BOOST_TEST(loaded.files.front().ends_with("init.pre"));
}

BOOST_AUTO_TEST_CASE(fetched_rules_stand_in_for_those_of_the_package) {
  const Folder folder;
  folder.write("usr/share/spamassassin/a.cf", "");
  folder.write("etc/spamassassin/local.cf", "");
  const auto packaged = spamassassin_folders(folder.path);
  folder.write("var/lib/spamassassin/4.000001/updates_spamassassin_org.cf", "");
  const auto fetched = spamassassin_folders(folder.path);
  BOOST_REQUIRE(packaged.size() == 2U);
  BOOST_TEST(packaged[0].ends_with("usr/share/spamassassin"));
  BOOST_REQUIRE(fetched.size() == 2U);
  BOOST_TEST(fetched[0].ends_with("var/lib/spamassassin/4.000001"));
}

BOOST_AUTO_TEST_CASE(rules_without_the_file_of_their_scores_are_remarked_upon) {
  const Folder folder;
  folder.write("72_active.cf", "body A /x/\n");
  BOOST_TEST(load_rules({folder.path}).remarks.size() == 1U);
  folder.write("72_scores.cf", "score A 2\n");
  BOOST_TEST(load_rules({folder.path}).remarks.empty());
}

BOOST_AUTO_TEST_CASE(what_a_meta_needs_runs_no_later_and_the_network_not_before_its_time) {
  const auto loaded = load(
      "body A /x/\nheader B eval:check_rbl('a', 'b.example.')\ntflags B net\nmeta M A && B\n"
      "priority M -500\nbody C /(?<NAME>x)/\nmeta N B\n");
  const auto priority = [&](std::string_view name) {
    const auto& rules = loaded.rules->rules();
    return std::ranges::find(rules, name, &CompiledRule::name)->priority;
  };
  BOOST_TEST(priority("A") == -500);
  BOOST_TEST(priority("B") == -100);
  BOOST_TEST(priority("C") == -10'000);
  BOOST_TEST(priority("N") == -100);
}

BOOST_AUTO_TEST_CASE(the_wrapper_of_an_update_folder_is_followed) {
  const Folder folder;
  folder.write("updates.cf", "include updates/one.cf\n");
  folder.write("updates/one.cf", "body A /x/\n");
  const auto loaded = load_rules({folder.path.string()});
  BOOST_TEST(loaded.problems.empty());
  BOOST_TEST(loaded.rules->rules().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_path_is_a_problem_and_the_others_load) {
  const Folder folder;
  folder.write("a.cf", "body A /x/\n");
  const auto loaded =
      load_rules({(folder.path / "gone.cf").string(), (folder.path / "a.cf").string()});
  BOOST_REQUIRE(loaded.problems.size() == 1U);
  BOOST_TEST(loaded.problems[0].what.find("gone.cf") != std::string::npos);
  BOOST_TEST(loaded.rules->rules().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_said_of_rules_that_do_not_exist_is_remarked_upon) {
  const auto loaded = load("score GONE 3\ndescribe GONE x\nmeta M ABSENT\n");
  BOOST_TEST(loaded.problems.empty());
  BOOST_TEST(loaded.remarks.size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
