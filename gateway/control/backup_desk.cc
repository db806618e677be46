#include "gateway/control/backup_desk.h"

#include <boost/json.hpp>

#include "gateway/base/log.h"
#include "gateway/control/rows.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr Event backed_up{"queue-backed-up", Level::info,
                          "The queue was copied to a directory with `postern queue backup`."};

/// What is wrong with a directory is no message that is not there.
std::unexpected<Error> refused(const std::string& directory, const Error& error) {
  return fail(std::errc::io_error,
              "the queue cannot be backed up to " + directory + ": " + error.what +
                  "; it wants an empty directory that mail_owner may write to");
}

std::string row_of(const BackupReport& report, bool table) {
  std::string out;
  if (table) {
    out = "#messages\tfiles\toctets\trecords\tdamaged\n";
    for (const std::uint64_t number :
         {report.messages, report.files, report.octets, report.records}) {
      append_number(out, number);
    }
    append_number(out, report.damaged, '\n');
    return out;
  }
  json::object line;
  line["messages"] = report.messages;
  line["files"] = report.files;
  line["octets"] = report.octets;
  line["records"] = report.records;
  line["damaged"] = report.damaged;
  return json::serialize(line) + '\n';
}

}  // namespace

Task<Result<std::uint64_t>> back_up(DeskParts parts, QueueRequest request, DeskAnswer& answer) {
  const std::string directory = request.to;
  if (!directory.starts_with('/'))
    co_return fail(std::errc::invalid_argument, "backup wants an absolute path to a directory");
  const auto report =
      co_await parts.files.run(parts.loop, [&parts, &directory]() -> Result<BackupReport> {
        TRY(const auto disk, open_disk(directory));
        return parts.spool.backup(*disk);
      });
  if (!report) co_return refused(directory, report.error());
  log(backed_up, {{"directory", directory},
                  {"messages", report->messages},
                  {"size", report->octets},
                  {"damaged", report->damaged}});
  std::string row = row_of(*report, request.table);
  co_await answer.rows(std::move(row), request.table);
  co_return report->messages;
}

}  // namespace postern
