#include "gateway/restore_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "gateway/configuration.h"
#include "gateway/owner.h"
#include "gateway/queue/backup.h"

namespace postern {
namespace {

constexpr int not_restored = 74;
constexpr int bad_configuration = 78;

Result<RestoreReport> restore_to(const std::string& backup, const ProcessSettings& process) {
  TRY(const Owner owner, find_owner(process.mail_owner));
  TRY(prepare_directory(process.spool_directory, owner));
  TRY(become(owner));
  auto from = open_disk(backup);
  if (!from) return fail_at("the backup, which mail_owner must be able to read", from.error());
  TRY(const auto to, open_disk(process.spool_directory));
  auto restored = restore(**from, *to);
  if (restored) return restored;
  if (restored.error().code == std::errc::device_or_resource_busy)
    return fail_at("a gateway runs on " + process.spool_directory + ", stop it first",
                   restored.error());
  return fail_at(process.spool_directory, restored.error());
}

}  // namespace

int restore_queue(const std::string& backup, const std::string& configuration) {
  std::vector<Problem> problems;
  const auto read = read_configuration(configuration, problems);
  for (const Problem& problem : problems)
    fmt::print(stderr, "{}: {}\n", problem.where, problem.what);
  if (!problems.empty()) return bad_configuration;
  const auto restored = restore_to(backup, read->process);
  if (!restored) {
    fmt::print(stderr, "postern queue restore: {}\n", restored.error().what);
    return not_restored;
  }
  fmt::print("#messages\tfiles\toctets\trecords\tdamaged\n{}\t{}\t{}\t{}\t{}\n", restored->messages,
             restored->files, restored->octets, restored->records, restored->damaged);
  return 0;
}

}  // namespace postern
