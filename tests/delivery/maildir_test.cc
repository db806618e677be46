#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "gateway/delivery/maildir.h"
#include "tests/delivery/fixture.h"

using namespace postern;
using test::codes;
using test::Fixture;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/postern-maildir-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
};

std::vector<std::string> files(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

std::string octets(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

Route maildir(const std::string& path) {
  Route route;
  route.transport = Route::Transport::maildir;
  route.path = path;
  return route;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(maildir_transport)

BOOST_AUTO_TEST_CASE(the_octets_of_a_message_are_in_new_with_a_return_path_on_top) {
  Folder folder;
  Fixture f;
  f.content = "Subject: x\r\n\r\n.dot\r\n" + std::string("\0\xff", 2) + "\r\nno line end";
  f.envelope.variants[0].prepend = "X-Trace: 1\r\n";

  const auto outcome = f.deliver_once(maildir(folder.path + "/store/example.com/one"));

  BOOST_TEST(codes(outcome) == "250");
  const auto found = files(folder.path + "/store/example.com/one/new");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(
      (octets(found[0]) == "Return-Path: <sender@example.org>\r\nX-Trace: 1\r\n" + f.content));
  BOOST_TEST(files(folder.path + "/store/example.com/one/tmp").empty());
  BOOST_TEST(fs::exists(folder.path + "/store/example.com/one/cur"));
}

BOOST_AUTO_TEST_CASE(messages_and_folders_are_private) {
  Folder folder;
  Fixture f;

  f.deliver_once(maildir(folder.path + "/one"));

  struct stat info{};
  ::stat(files(folder.path + "/one/new").at(0).c_str(), &info);
  BOOST_TEST((info.st_mode & 0777) == 0600U);
  ::stat((folder.path + "/one").c_str(), &info);
  BOOST_TEST((info.st_mode & 0777) == 0700U);
}

BOOST_AUTO_TEST_CASE(each_recipient_of_a_job_gets_a_file) {
  Folder folder;
  Fixture f;
  f.recipient("two@example.com");

  BOOST_TEST(codes(f.deliver_once(maildir(folder.path + "/both"))) == "250 250");

  BOOST_TEST(files(folder.path + "/both/new").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_path_that_climbs_or_is_relative_is_not_written) {
  Folder folder;
  Fixture f;
  for (const std::string& path :
       {folder.path + "/../x", std::string("relative/path"), folder.path + "/a//b",
        folder.path + "/./a", folder.path + std::string("/a\0b", 4), std::string("/")}) {
    BOOST_TEST(codes(f.deliver_once(maildir(path))) == "451");
  }
  BOOST_TEST(files(folder.path).empty());
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_made_is_a_temporary_failure) {
  Folder folder;
  std::ofstream(folder.path + "/file") << "in the way";
  Fixture f;

  const auto outcome = f.deliver_once(maildir(folder.path + "/file/one"));

  BOOST_TEST(codes(outcome) == "451");
  BOOST_TEST(outcome.remote == folder.path + "/file/one");
}

BOOST_AUTO_TEST_CASE(an_existing_message_is_never_replaced_and_nothing_is_left_in_tmp) {
  Folder folder;
  const std::array<std::string_view, 1> first{"first"}, second{"second"};

  BOOST_TEST(write_to_maildir(folder.path + "/m", "name", first).has_value());
  BOOST_TEST(!write_to_maildir(folder.path + "/m", "name", second).has_value());

  BOOST_TEST(octets(folder.path + "/m/new/name") == "first");
  BOOST_TEST(files(folder.path + "/m/tmp").empty());
}

BOOST_AUTO_TEST_CASE(names_are_never_used_twice_and_hold_no_separators) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) names.insert(unique_maildir_name("a/b:c.example"));

  BOOST_TEST(names.size() == 1000U);
  for (const auto& name : names) BOOST_TEST(name.find_first_of("/:") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(work_on_a_thread_runs_beside_the_loop_and_resumes_on_it) {
  Loop loop;
  BlockingPool threads(2);
  const auto here = std::this_thread::get_id();
  std::thread::id worked, resumed;
  const auto ask = [](Loop& on, BlockingPool& pool, std::thread::id& work,
                      std::thread::id& after) -> Task<int> {
    auto function = [&work] {
      work = std::this_thread::get_id();
      return 42;
    };
    const int answer = co_await pool.run(on, function);
    after = std::this_thread::get_id();
    co_return answer;
  };

  BOOST_TEST(test::run_task(loop, ask(loop, threads, worked, resumed)) == 42);

  BOOST_TEST((worked != here));
  BOOST_TEST((resumed == here));
}

BOOST_AUTO_TEST_SUITE_END()
