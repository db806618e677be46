// Postfix's own postmap as the judge: the same table must give the same answer. Skips, saying so,
// where the machine has no postmap.
#define BOOST_TEST_DYN_LINK
#include <sys/wait.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "gateway/base/bytes.h"
#include "tests/policies/open_maps.h"
#include "tests/policies/temporary_folder.h"

using namespace postern;

namespace {

constexpr const char* postmap = "/usr/sbin/postmap";

bool postmap_is_missing() {
  if (std::filesystem::exists(postmap)) return false;
  BOOST_TEST_MESSAGE("skipped: there is no " << postmap);
  std::puts("skipped: there is no postmap here (Debian package postfix)");
  return true;
}

std::string run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) out += buffer.data();
  const int status = ::pclose(pipe);
  if (WEXITSTATUS(status) != 0) return "(none)";
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

struct Case {
  std::string type;
  std::string source;
  std::vector<std::string> keys;
};

void compare(const Case& test) {
  const TemporaryFolder folder;
  folder.write("main.cf", "compatibility_level = 3.6\n");
  const std::string specification = test.type + ":" + folder.write("table", test.source);
  const auto map = open_good(specification);
  for (const std::string& key : test.keys) {
    const std::string expected =
        run(std::string(postmap) + " -c " + folder.path() + " -q '" + key + "' " + specification);
    BOOST_TEST(ask(*map, key) == expected, test.type << " " << key << ": " << ask(*map, key)
                                                     << " but postmap says " << expected);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(postmap_agrees)

BOOST_AUTO_TEST_CASE(on_text_tables) {
  if (postmap_is_missing()) return;
  compare({"texthash",
           "# c\nOne first line\n   goes  on\n#between\n\there\ntwo\t2\nu@example.org  a@b, c@d\n"
           "\"a b\"@example.org quoted\n  \nfour = 4\n",
           {"one", "ONE", "two", "u@example.org", "\"a b\"@example.org", "four", "=", "goes"}});
}

BOOST_AUTO_TEST_CASE(on_cidr_tables) {
  if (postmap_is_missing()) return;
  compare({"cidr",
           "192.0.2.1 host\n192.0.2.0/24 net\n!192.0.0.0/8 other\nif 192.1.0.0/16\n"
           "192.1.1.0/24 in\nif !192.1.2.0/24\n192.1.0.0/16 rest\nendif\nendif\n192.0.0.0/8 end\n",
           {"192.0.2.1", "192.0.2.2", "10.1.1.1", "192.1.1.9", "192.1.2.9", "192.1.3.9",
            "192.9.9.9", "word", "192.0.2"}});
  compare({"cidr", "[2001:db8::]/32 six\n::1 one\n", {"2001:db8::5", "::1", "::2", "192.0.2.1"}});
}

BOOST_AUTO_TEST_CASE(on_patterns) {
  if (postmap_is_missing()) return;
  const std::string common =
      "/^(.*)-list@(.*)$/ $2:$1 ${2}x $(1)y $$\n"
      "!/@/ no at sign\n"
      "if /example/\n/^case/i lower only\n!/org$/ not org\nendif\n"
      "/^[a-c]{2}@/ short\n/a\\/b/ slash\n,x/y, comma\n/^tail/ 1 2  3\n";
  const std::vector<std::string> keys = {"dev-list@example.org",
                                         "word",
                                         "case@example.org",
                                         "CASE@example.org",
                                         "x@example.com",
                                         "ab@z",
                                         "AB@z",
                                         "a/b@z",
                                         "x/y@z",
                                         "TAIL@z",
                                         "none@z"};
  compare({"regexp", common + "/[\\]@b$/ backslash\n/\\<word\\>@/ word\n", [&keys] {
             auto more = keys;
             more.insert(more.end(), {"\\@b", "a word@q", "swords@q"});
             return more;
           }()});
  const bool has_pcre = run(std::string(postmap).replace(10, 7, "postconf") + " -m").find("pcre") !=
                        std::string::npos;
  if (has_pcre) compare({"pcre", common + "/^\\d+(?=@)/ digits\n", keys});
}

BOOST_AUTO_TEST_CASE(on_inline_and_lmdb) {
  if (postmap_is_missing()) return;
  const TemporaryFolder folder;
  folder.write("main.cf", "compatibility_level = 3.6\n");
  for (const std::string table :
       {"inline:{a=1, B=2 {c = x y}, {d={z}} e={f}}", "static:all", "static:{x y}"}) {
    const auto map = open_good(table);
    for (const std::string key : {"a", "b", "B", "c", "d", "e", "f"}) {
      const std::string expected =
          run(std::string(postmap) + " -c " + folder.path() + " -q " + key + " '" + table + "'");
      BOOST_TEST(ask(*map, key) == expected, table << " " << key << " " << expected);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
