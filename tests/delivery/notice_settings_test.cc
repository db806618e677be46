// notice_settings_test.cc — the keys of our own letters, and the file with their words.
#define BOOST_TEST_DYN_LINK
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "gateway/delivery/notice_settings.h"

using namespace postern;

namespace {

std::vector<Problem> read(const std::string& toml, NoticeSettings& settings) {
  return read_config_text(toml, "p.toml", [&](Keys& keys) { describe(settings, keys); });
}

struct File {
  std::string path = "/tmp/postern-words-" + std::to_string(::getpid());
  explicit File(const std::string& text) { std::ofstream(path) << text; }
  ~File() { ::unlink(path.c_str()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notice_settings)

BOOST_AUTO_TEST_CASE(the_words_are_postfixs_and_what_is_none_is_refused_with_its_line) {
  NoticeSettings settings;

  const auto good = read(
      "notify_classes = [\"bounce\", \"2bounce\"]\n2bounce_notice_recipient = \"a@b.example\"\n",
      settings);
  BOOST_TEST(good.empty());
  BOOST_TEST(settings.has(NoticeClass::double_bounce));
  BOOST_TEST(!settings.has(NoticeClass::resource));
  BOOST_TEST(settings.recipient(NoticeClass::double_bounce, "gate.example") == "a@b.example");
  const auto bad = read("\nnotify_classes = [\"resourse\"]\n", settings);
  BOOST_REQUIRE(bad.size() == 1U);
  BOOST_TEST(bad[0].where.starts_with("p.toml:2:"));
  BOOST_TEST(bad[0].what.find("resource") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_of_templates_is_read_and_one_that_is_not_there_is_named_at_its_key) {
  const File file("[failure]\nsubject = \"Gone\"\n");
  NoticeSettings settings;
  std::vector<Problem> problems;
  settings.bounce_template_file = file.path;
  open_templates(settings, "p.toml:3:1", problems);
  BOOST_TEST(problems.empty());
  BOOST_TEST(settings.templates->failure.subject == "Gone");

  settings.bounce_template_file = file.path + ".none";
  open_templates(settings, "p.toml:3:1", problems);
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where == "p.toml:3:1");
  BOOST_TEST(settings.templates->failure.subject == "Gone");
}

BOOST_AUTO_TEST_CASE(a_bad_template_is_named_with_the_line_of_its_own_file) {
  const File file("[failure]\nsubject = \"Gone\"\n\n[delay]\ntext = \"$lifetime\"\n");
  NoticeSettings settings;
  std::vector<Problem> problems;
  settings.bounce_template_file = file.path;

  open_templates(settings, "p.toml:3:1", problems);

  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0].where.starts_with(file.path + ":5:"));
  BOOST_TEST(settings.templates->failure.subject != "Gone");
}

BOOST_AUTO_TEST_SUITE_END()
