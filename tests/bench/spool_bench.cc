// spool_bench.cc — what a durable accept costs: N writers, each waiting for its 250 before the
// next.
//
//     spool_bench DIRECTORY [writers=32] [messages=2000 each] [octets=4000] [keep] [checkpoint MiB]
//
// The directory must be on the disk that is to be measured. Without "keep" each message is
// delivered at once, as in a relay that keeps up. With "keep" and a number, a checkpoint is begun
// whenever the log has grown by so much, and how long the slowest accepts took shows what it costs.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "gateway/base/metrics.h"
#include "gateway/queue/spool.h"

using namespace postern;

namespace {

struct Plan {
  std::string directory;
  std::size_t writers = 32;
  std::size_t messages = 2000;
  std::size_t octets = 4000;
  bool keep = false;
  std::uint64_t checkpoint = 0;
};

std::atomic<std::uint64_t> syncs;

/// Counts syncs, wherever they come from.
class CountedFile final : public DiskFile {
 public:
  explicit CountedFile(std::unique_ptr<DiskFile> file) : file_(std::move(file)) {}
  Result<> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    return file_->write(offset, pieces);
  }
  Result<> sync() override {
    ++syncs;
    return file_->sync();
  }
  Result<std::string> read(std::uint64_t offset, std::size_t length) const override {
    return file_->read(offset, length);
  }
  Result<std::uint64_t> size() const override { return file_->size(); }
  Result<> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<> reserve(std::uint64_t size) override { return file_->reserve(size); }

 private:
  std::unique_ptr<DiskFile> file_;
};

class CountedDisk final : public Disk {
 public:
  explicit CountedDisk(std::unique_ptr<Disk> disk) : disk_(std::move(disk)) {}
  Result<std::unique_ptr<DiskFile>> create(const std::string& path) override {
    return counted(disk_->create(path));
  }
  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    return counted(disk_->open(path));
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return disk_->list(directory);
  }
  Result<> make_directory(const std::string& path) override { return disk_->make_directory(path); }
  Result<> rename(const std::string& from, const std::string& to) override {
    return disk_->rename(from, to);
  }
  Result<> remove(const std::string& path) override { return disk_->remove(path); }
  Result<> sync_directory(const std::string& directory) override {
    ++syncs;
    return disk_->sync_directory(directory);
  }
  Result<std::uint64_t> free_space() override { return disk_->free_space(); }
  Result<> lock(const std::string& path) override { return disk_->lock(path); }

 private:
  static Result<std::unique_ptr<DiskFile>> counted(Result<std::unique_ptr<DiskFile>> file) {
    if (!file) return file;
    return std::make_unique<CountedFile>(*std::move(file));
  }
  std::unique_ptr<Disk> disk_;
};

std::shared_ptr<Envelope> envelope(MessageId id) {
  auto out = std::make_shared<Envelope>();
  out->id = id;
  out->sender = "sender@example.org";
  out->client_address = "127.0.0.1";
  out->helo = "bench.example.org";
  out->variants[0].prepend =
      "Received: from bench.example.org by gateway.example.org id " + id.text() + "\r\n";
  out->recipients.emplace_back().address = "recipient@example.com";
  return out;
}

void write(Spool& spool, MessageIdSource& ids, const Plan& plan, std::vector<float>& milliseconds) {
  const auto content = std::make_shared<const std::string>(plan.octets, 'x');
  for (std::size_t i = 0; i < plan.messages; ++i) {
    const auto id = ids.next();
    const auto start = std::chrono::steady_clock::now();
    std::promise<bool> answer;
    spool.accept(envelope(id), content,
                 [&answer](Result<> result) { answer.set_value(result.has_value()); });
    if (!answer.get_future().get()) {
      fmt::print(stderr, "a message was refused\n");
      std::exit(1);
    }
    milliseconds.push_back(
        std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - start).count());
    if (plan.keep) continue;
    Progress progress;
    progress.id = id;
    progress.changes = {{0, RecipientState::delivered}};
    spool.progress(std::move(progress));
  }
}

/// What this process has the kernel write to block devices.
std::uint64_t octets_to_disk() {
  std::ifstream file("/proc/self/io");
  for (std::string word; file >> word;) {
    std::uint64_t value = 0;
    if (word == "write_bytes:" && file >> value) return value;
  }
  return 0;
}

int run(const Plan& plan) {
  SystemClock clock;
  RecoveryReport report;
  auto disk = open_disk(plan.directory);
  if (!disk) {
    fmt::print(stderr, "{}\n", disk.error().what);
    return 1;
  }
  SpoolSettings settings;
  if (plan.checkpoint > 0) settings.checkpoint_growth = plan.checkpoint << 20;
  const auto opening = std::chrono::steady_clock::now();
  auto spool = Spool::open(std::make_unique<CountedDisk>(*std::move(disk)), clock, settings,
                           nullptr, report);
  if (!spool) {
    fmt::print(stderr, "{}\n", spool.error().what);
    return 1;
  }
  const auto start = std::chrono::steady_clock::now();
  syncs = 0;
  const auto written = octets_to_disk();
  MessageIdSource ids(clock, 1);
  ids.not_before(report.last_id);
  std::vector<std::vector<float>> times(plan.writers);
  {
    std::vector<std::jthread> writers;
    for (std::size_t i = 0; i < plan.writers; ++i) {
      writers.emplace_back([&, i] { write(**spool, ids, plan, times[i]); });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto count = static_cast<double>(plan.writers * plan.messages);
  const auto synced = static_cast<double>(syncs);
  const auto to_disk = static_cast<double>(octets_to_disk() - written);
  (*spool)->close();

  std::vector<float> all;
  for (const auto& each : times) all.insert(all.end(), each.begin(), each.end());
  std::ranges::sort(all);
  const auto at = [&all](double share) {
    return all[static_cast<std::size_t>(static_cast<double>(all.size() - 1) * share)];
  };
  const auto value = [](const char* name) {
    return static_cast<double>(counter(name, "").value());
  };
  const auto mail = count * static_cast<double>(plan.octets);
  fmt::print("recovered {} messages in {:.0f} ms\n", report.messages,
             std::chrono::duration<double, std::milli>(start - opening).count());
  fmt::print("{} writers: {:.0f} messages/s, {:.3f} fdatasync and fsync a message\n", plan.writers,
             count / took.count(), synced / count);
  fmt::print("{:.3f} octets into the log and {:.3f} to the disk for each of mail\n",
             value("postern_spool_written_octets_total") / mail, to_disk / mail);
  fmt::print("accept: {:.2f} ms median, {:.2f} ms 99 %, {:.2f} ms 99.9 %, {:.2f} ms slowest\n",
             at(0.5), at(0.99), at(0.999), at(1));
  fmt::print("{} segments deleted, {} checkpoints\n", value("postern_spool_segments_removed_total"),
             value("postern_spool_checkpoints_total"));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr,
               "usage: spool_bench DIRECTORY [writers] [messages] [octets] [keep] [checkpoint]\n");
    return 64;
  }
  Plan plan;
  plan.directory = arguments[1];
  const auto number = [&](int i, auto& value) {
    if (count > i) value = std::strtoull(arguments[i], nullptr, 10);
  };
  number(2, plan.writers);
  number(3, plan.messages);
  number(4, plan.octets);
  plan.keep = count > 5 && std::string(arguments[5]) == "keep";
  number(6, plan.checkpoint);
  return run(plan);
}
