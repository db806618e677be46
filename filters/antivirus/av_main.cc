// av_main.cc — postern-av, the executable that holds libclamav and therefore is under the GPL-2.
//
// The supervisor starts it as a zygote: it loads the signatures, and forks workers on demand. It
// reads the same configuration file as postern, which has checked it before: only the tables
// [filter.antivirus] and [worker] matter here.
#include <sys/types.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "filters/antivirus/scan_filter.h"
#include "gateway/base/bytes.h"
#include "gateway/base/log.h"
#include "gateway/worker/settings.h"
#include "gateway/worker/worker_main.h"

namespace postern {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_failure = 70;
constexpr int exit_configuration = 78;

constexpr const char* usage =
    "usage: postern-av --config FILE --control FD [--user UID:GID]   serve the gateway (started by "
    "postern)\n"
    "       postern-av --config FILE --check                         load the signatures, test "
    "them, and end\n";

struct Arguments {
  std::string config;
  int control = -1;
  bool check = false;
  Identity identity;
};

std::optional<Identity> parse_identity(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 2) return {};
  const auto uid = parse_number(parts[0], 0xfffffffe);
  const auto gid = parse_number(parts[1], 0xfffffffe);
  if (!uid || !gid) return {};
  return Identity{static_cast<uid_t>(*uid), static_cast<gid_t>(*gid)};
}

// Two options take a value each; what is missing or wrong ends in the usage.
std::optional<Arguments> parse_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view option = values[i];
    if (option == "--check") {
      arguments.check = true;
      continue;
    }
    if (++i == count) return {};
    const std::string_view value = values[i];
    if (option == "--config") {
      arguments.config = value;
    } else if (const auto fd = parse_number(value, 1'000'000); option == "--control" && fd) {
      arguments.control = static_cast<int>(*fd);
    } else if (const auto identity = parse_identity(value); option == "--user" && identity) {
      arguments.identity = *identity;
    } else {
      return {};
    }
  }
  if (arguments.config.empty() || (arguments.control < 0) != arguments.check) return {};
  return arguments;
}

struct Settings {
  AntivirusSettings antivirus;
  WorkerSettings worker;
};

// Every other key is unknown to this program, so that problems count only where the file as a
// whole could not be read.
Result<Settings> read_settings(const std::string& path) {
  Settings settings;
  bool seen = false;
  const auto problems = read_config(path, [&](Keys& keys) {
    seen = true;
    keys.table("worker", [&](Keys& inner) { describe(settings.worker, inner); }, "");
    const auto filters = [&](Keys& inner) {
      inner.table("antivirus", [&](Keys& own) { describe(settings.antivirus, own); }, "");
    };
    keys.table("filter", filters, "");
  });
  if (!seen && !problems.empty()) {
    return fail(std::errc::invalid_argument, problems.front().where + ": " + problems.front().what);
  }
  const auto checked = check_database(settings.antivirus);
  if (!checked) return fail_at(path + ": [filter.antivirus] database", checked.error());
  return settings;
}

int report(const Error& error, int status) {
  std::fprintf(stderr, "postern-av: %s\n", error.what.c_str());
  return status;
}

ZygoteSettings zygote_settings(const Arguments& arguments, const Settings& settings,
                               Scratch& scratch, Scanner& scanner) {
  ZygoteSettings zygote;
  zygote.kind = "av";
  zygote.filters = {{"antivirus", scanning_factory(settings.antivirus, scanner)}};
  zygote.identity = arguments.identity;
  zygote.cage.profile = WorkerProfile::av;
  zygote.cage.sandbox =
      settings.worker.sandbox == "best-effort" ? Sandbox::best_effort : Sandbox::required;
  zygote.cage.memory = settings.worker.memory;
  zygote.cage.largest_file = 2 * settings.antivirus.max_scan_size;
  zygote.scratch = &scratch;
  zygote.prepare = [&scanner](const std::string& directory) { return scanner.enter(directory); };
  zygote.prove = [&scanner] { return scanner.prove(); };
  return zygote;
}

int run(const Arguments& arguments) {
  log_unbuffered();
  const auto settings = read_settings(arguments.config);
  if (!settings) return report(settings.error(), exit_configuration);
  auto scratch = Scratch::open(settings->antivirus.scratch_directory, arguments.identity);
  if (!scratch) return report(scratch.error(), exit_configuration);
  // Signatures come from outside too: they are read by the worker's user, not by root.
  if (const auto dropped = drop_privileges(arguments.identity); !dropped)
    return report(dropped.error(), exit_failure);
  const auto directory = scratch->make("zygote");
  if (!directory) return report(directory.error(), exit_failure);
  const auto scanner = Scanner::load(settings->antivirus, *directory);
  if (!scanner) return report(scanner.error(), exit_configuration);
  if (arguments.check) {
    std::printf("%u signatures, and the scanner finds what it should\n", (*scanner)->signatures());
    return 0;
  }
  return run_zygote(UniqueFd(arguments.control),
                    zygote_settings(arguments, *settings, *scratch, **scanner));
}

}  // namespace
}  // namespace postern

int main(int count, char** values) {
  const auto arguments = postern::parse_arguments(count, values);
  if (!arguments) {
    std::fputs(postern::usage, stderr);
    return postern::exit_usage;
  }
  return postern::run(*arguments);
}
