#include "gateway/queue/content_files.h"

#include "gateway/base/bytes.h"

namespace postern {

std::string content_path(MessageId id) { return "content/" + id.text(); }

Result<Content> read_content_file(Disk& disk, MessageId id, std::uint64_t size, std::uint32_t crc) {
  const auto path = content_path(id);
  TRY(const auto file, disk.open(path));
  TRY(const auto found, file->size());
  if (found != size) return fail(std::errc::illegal_byte_sequence, path + ": the size is wrong");
  TRY(auto octets, file->read(0, size));
  if (octets.size() != size || crc32c(octets) != crc) {
    return fail(std::errc::illegal_byte_sequence, path + ": the message's checksum is wrong");
  }
  return std::make_shared<const std::string>(std::move(octets));
}

ContentWriter::ContentWriter(Disk& disk) : disk_(disk), thread_([this] { run(); }) {}

void ContentWriter::write(MessageId id, Content content, Written written) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({id, std::move(content), std::move(written)});
  wake_.notify_one();
}

void ContentWriter::remove(MessageId id) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({id, nullptr, nullptr});
  wake_.notify_one();
}

void ContentWriter::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void ContentWriter::run() {
  for (;;) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      jobs.swap(waiting_);
    }
    work(jobs);
  }
}

void ContentWriter::work(std::vector<Job>& jobs) {
  for (const auto& job : jobs) {
    if (!job.content) static_cast<void>(disk_.remove(content_path(job.id)));
  }
  std::erase_if(jobs, [](const Job& job) { return !job.content; });
  if (jobs.empty()) return;

  std::vector<Result<>> results;
  results.reserve(jobs.size());
  for (const auto& job : jobs) results.push_back(write_file(job));
  // One for all: the names of a whole batch.
  const auto named = disk_.sync_directory("content");
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (results[i] && !named) {
      results[i] = named;
      static_cast<void>(disk_.remove(content_path(jobs[i].id)));
    }
    jobs[i].written(std::move(results[i]));
  }
}

Result<> ContentWriter::write_file(const Job& job) {
  const auto path = content_path(job.id);
  TRY(const auto file, disk_.create(path));
  const std::string_view pieces[] = {*job.content};
  auto result = file->write(0, pieces);
  if (result) result = file->sync();
  // A file that cannot be removed now has no record, and goes at the next start.
  if (!result) static_cast<void>(disk_.remove(path));
  return result;
}

}  // namespace postern
