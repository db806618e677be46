// The real postern-av with the project's signatures: what it finds, and that it never calls clean
// what it could not look at (faults F23 and F25).
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "filters/antivirus/canary.h"
#include "gateway/worker/worker_main.h"
#include "tests/worker/worker_support.h"

using namespace postern;
namespace fs = std::filesystem;

namespace {

// In two pieces, so that no scanner takes this source for what it describes.
const std::string eicar =
    std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-") + "ANTIVIRUS-TEST-FILE!$H+H*";

std::string base64(std::string_view octets) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    unsigned group = 0;
    const std::size_t have = std::min<std::size_t>(3, octets.size() - i);
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < have ? static_cast<unsigned char>(octets[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= have ? alphabet[group >> (18 - 6 * j) & 63] : '=';
    if (i % 57 == 54) out += "\r\n";
  }
  return out + "\r\n";
}

std::string plain(const std::string& body) {
  return "From: a@example.org\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\n" + body + "\r\n";
}

std::string with_attachment(std::string_view octets) {
  return "From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n"
         "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\n" +
         base64(octets) + "--b--\r\n";
}

std::string clean_message() {
  return with_attachment(zip_stored("inner.zip", zip_stored("hello.txt", "hello\n")));
}

// What Python's zipfile makes: deflated, and with `stream` without sizes in front of the member.
std::string deflated_zeros(unsigned megabytes, bool stream) {
  const std::string program = std::string("import zipfile,sys,io\n") +
                              (stream ? "out=sys.stdout.buffer\n" : "out=io.BytesIO()\n") +
                              "z=zipfile.ZipFile(out,'w',zipfile.ZIP_DEFLATED)\n"
                              "z.writestr('zeros',bytes(" +
                              std::to_string(megabytes) + "<<20))\nz.close()\n" +
                              (stream ? "" : "sys.stdout.buffer.write(out.getvalue())\n");
  const std::string command = "python3 -c \"" + program + "\" | cat";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string octets;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) octets.append(buffer, n);
  ::pclose(pipe);
  BOOST_REQUIRE(octets.starts_with("PK"));
  return octets;
}

/// postern-av as the supervisor starts it, and a pool that asks it.
class Scanning {
 public:
  explicit Scanning(const std::string& scratch_filesystem_size = "",
                    const std::string& more_keys = "") {
    BOOST_REQUIRE(::mkdtemp(base_.data()) != nullptr);
    ::chmod(base_.c_str(), 0755);
    if (!scratch_filesystem_size.empty()) mount_scratch(scratch_filesystem_size);
    // The checkout may lie where the scanner's own user cannot go.
    fs::copy(POSTERN_SOURCE_DIR "/contrib/signatures", base_ + "/signatures",
             fs::copy_options::recursive);
    std::ofstream config(base_ + "/postern.toml");
    config << "[filter.antivirus]\ndatabase = ['" << base_ << "/signatures']\nscratch_directory = '"
           << scratch() << "'\n"
           << more_keys;
    config.close();
    start();
  }
  ~Scanning() {
    if (pool_) test::run_task(loop_, pool_->close());
    pool_.reset();
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    if (mounted_) ::umount2(scratch().c_str(), MNT_DETACH);
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  /// "clean", the verdict with its reason, or "error: …".
  std::string scan(const std::string& message) {
    test::Asker asker(loop_);
    const Answer answer = asker.ask(*pool_, "antivirus", message, seconds(60));
    if (!answer) return "error: " + answer.error().what;
    if (answer->verdict == Verdict::pass && answer->findings.empty()) return "clean";
    return std::string(verdict_name(answer->verdict)) + " " + answer->reason;
  }
  bool finds_virus(const std::string& message) {
    return scan(message).starts_with("reject virus ");
  }

  std::string scratch() const { return base_ + "/scratch"; }
  bool mounted() const { return mounted_; }
  pid_t worker() { return static_cast<pid_t>(pool_->status().at(0).pid); }
  WorkerPool& pool() { return *pool_; }

 private:
  void mount_scratch(const std::string& size) {
    ::mkdir(scratch().c_str(), 0700);
    mounted_ = ::mount("none", scratch().c_str(), "tmpfs", 0,
                       ("size=" + size + ",mode=0700").c_str()) == 0;
  }

  void start() {
    auto ends = socket_pair(SOCK_SEQPACKET);
    pid_ = ::fork();
    if (pid_ == 0) {
      const int control = ::dup(ends->second.get());  // not close-on-exec
      const std::string number = std::to_string(control);
      const std::string config = base_ + "/postern.toml";
      ends->first.reset();
      ::execl(POSTERN_AV, "postern-av", "--config", config.c_str(), "--control", number.c_str(),
              nullptr);
      ::_exit(127);
    }
    ends->second.reset();
    const auto ready = wait_for_zygote(ends->first.get(), seconds(60));
    BOOST_REQUIRE_MESSAGE(ready, (ready ? "" : ready.error().what));
    PoolSettings settings;
    settings.kind = "av";
    pool_ = std::make_unique<WorkerPool>(
        loop_, std::make_shared<const UniqueFd>(std::move(ends->first)), settings);
  }

  std::string base_ = "/tmp/postern-av-test-XXXXXX";
  pid_t pid_ = -1;
  bool mounted_ = false;
  Loop loop_;
  std::unique_ptr<WorkerPool> pool_;
};

// As the worker's own user, since not every root may set the limits of others.
bool limit_worker(pid_t worker, __rlimit_resource what, rlim_t value) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Identity same;
    if (::geteuid() == 0 && (::setresgid(same.gid, same.gid, same.gid) != 0 ||
                             ::setresuid(same.uid, same.uid, same.uid) != 0)) {
      ::_exit(1);
    }
    const rlimit both{value, value};
    ::_exit(::prlimit(worker, what, &both, nullptr) == 0 ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  if (status != 0) BOOST_TEST_MESSAGE("skipped: may not set the worker's limits");
  return status == 0;
}

bool clean(const std::string& outcome) { return outcome == "clean"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(av_scan)

BOOST_AUTO_TEST_CASE(a_virus_is_found_wherever_it_is_packed) {
  Scanning av;

  BOOST_CHECK_EQUAL(av.scan(plain(eicar)), "reject virus Eicar-Test-Signature.UNOFFICIAL");
  BOOST_CHECK(av.finds_virus(with_attachment(eicar)));
  BOOST_CHECK(av.finds_virus(with_attachment(zip_stored("eicar.com", eicar))));
  BOOST_CHECK(av.finds_virus(
      with_attachment(zip_stored("a.zip", zip_stored("b.zip", zip_stored("eicar.com", eicar))))));
  BOOST_CHECK_EQUAL(av.scan(plain("hello")), "clean");
  BOOST_CHECK_EQUAL(av.scan(clean_message()), "clean");
}

BOOST_AUTO_TEST_CASE(a_message_larger_than_a_frame_is_scanned_too) {
  Scanning av;

  BOOST_CHECK_EQUAL(av.scan(with_attachment(std::string(3U << 20, 'x'))), "clean");
  BOOST_CHECK(
      av.finds_virus(with_attachment(zip_stored("eicar.com", eicar)) + std::string(3U << 20, 'x')));
}

BOOST_AUTO_TEST_CASE(an_attachment_that_can_be_decoded_in_two_ways_is_scanned_in_both) {
  Scanning av;
  const std::string head = "From: a@example.org\r\nContent-Type: application/octet-stream\r\n";
  const std::string two =
      "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n";

  BOOST_CHECK(av.finds_virus(head + two + base64(eicar)));
}

BOOST_AUTO_TEST_CASE(debians_test_files_are_all_found) {
  const fs::path files = "/usr/share/clamav-testfiles";
  if (!fs::exists(files)) {
    BOOST_TEST_MESSAGE("skipped: the package clamav-testfiles is not installed");
    return;
  }
  Scanning av;
  for (const auto& entry : fs::directory_iterator(files)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(in), {}};
    const std::string outcome = av.scan(with_attachment(octets));
    BOOST_CHECK_MESSAGE(outcome.starts_with("reject virus "), entry.path().filename()
                                                                  << ": " << outcome);
  }
  BOOST_CHECK(!av.pool().degraded());
}

// F25
BOOST_AUTO_TEST_CASE(a_member_above_the_size_limit_is_unscannable_and_not_clean) {
  Scanning av("", "max_file_size = '2MiB'\nmax_scan_size = '16MiB'\n");

  for (const bool stream : {false, true}) {
    BOOST_TEST_CONTEXT("stream " << stream) {
      BOOST_CHECK_EQUAL(av.scan(with_attachment(deflated_zeros(1, stream))), "clean");
      BOOST_CHECK(av.scan(with_attachment(deflated_zeros(3, stream)))
                      .starts_with("quarantine unscannable: "));
      const std::string nested = zip_stored("inner.zip", deflated_zeros(3, stream));
      BOOST_CHECK(av.scan(with_attachment(nested)).starts_with("quarantine unscannable: "));
    }
  }
  BOOST_CHECK(
      av.scan(with_attachment(std::string(3U << 20, 'x'))).starts_with("quarantine unscannable: "));
}

BOOST_AUTO_TEST_CASE(an_archive_nested_too_deeply_is_unscannable) {
  Scanning av;
  std::string archive = zip_stored("x", eicar);
  for (int i = 0; i < 40; ++i) archive = zip_stored("x.zip", archive);

  BOOST_CHECK(av.scan(with_attachment(archive)).starts_with("quarantine unscannable: "));
}

BOOST_AUTO_TEST_CASE(an_encrypted_archive_is_reported_as_such) {
  Scanning av;
  std::string archive = zip_stored("secret", std::string(100, 's'));
  archive[6] = 1;                           // the flag in the local header
  archive[archive.find("PK\1\2") + 8] = 1;  // and in the directory

  BOOST_CHECK(av.scan(with_attachment(archive)).starts_with("quarantine encrypted: "));
}

// F23
BOOST_AUTO_TEST_CASE(a_full_scratch_directory_is_an_error_and_never_clean) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("skipped: needs root to mount a small file system");
    return;
  }
  Scanning av("16m", "max_file_size = '1MiB'\nmax_scan_size = '4MiB'\n");
  if (!av.mounted()) {
    BOOST_TEST_MESSAGE("skipped: mounting is not allowed here");
    return;
  }
  BOOST_REQUIRE_EQUAL(av.scan(clean_message()), "clean");

  std::ofstream(av.scratch() + "/filler") << std::string(16U << 20, 'f');
  BOOST_CHECK(av.scan(clean_message()).starts_with("error: "));
  BOOST_CHECK(!clean(av.scan(with_attachment(zip_stored("eicar.com", eicar)))));

  fs::remove(av.scratch() + "/filler");
  BOOST_CHECK_EQUAL(av.scan(clean_message()), "clean");
}

BOOST_AUTO_TEST_CASE(a_missing_scratch_directory_is_an_error_and_never_clean) {
  Scanning av;
  BOOST_REQUIRE_EQUAL(av.scan(clean_message()), "clean");

  for (const auto& zygote : fs::directory_iterator(av.scratch())) fs::remove_all(zygote.path());

  BOOST_CHECK(av.scan(clean_message()).starts_with("error: "));
  BOOST_CHECK(!clean(av.scan(with_attachment(zip_stored("eicar.com", eicar)))));
}

BOOST_AUTO_TEST_CASE(too_few_descriptors_are_an_error_and_never_clean) {
  Scanning av;
  BOOST_REQUIRE_EQUAL(av.scan(clean_message()), "clean");
  if (!limit_worker(av.worker(), RLIMIT_NOFILE, 12)) return;

  BOOST_CHECK(av.scan(clean_message()).starts_with("error: "));
  BOOST_CHECK(!clean(av.scan(with_attachment(zip_stored("eicar.com", eicar)))));
}

BOOST_AUTO_TEST_CASE(a_scanner_that_cannot_write_any_more_is_found_out) {
  Scanning av;
  BOOST_REQUIRE_EQUAL(av.scan(clean_message()), "clean");
  const pid_t crippled = av.worker();
  if (!limit_worker(crippled, RLIMIT_FSIZE, 0)) return;

  // The canary is missed, the worker replaced, and the message scanned by the next one.
  const std::string virus = with_attachment(zip_stored("a.zip", zip_stored("eicar.com", eicar)));
  BOOST_CHECK_EQUAL(av.scan(virus), "reject virus Eicar-Test-Signature.UNOFFICIAL");
  BOOST_CHECK_NE(av.worker(), crippled);
}

BOOST_AUTO_TEST_SUITE_END()
