// content_files.h — large messages, each in a file of its own: content/ID.
//
// They are copied by nobody: collection moves their envelopes only. A thread of its own writes
// them, so that small messages are not held up by the megabytes of others.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/queue/disk.h"
#include "gateway/queue/envelope.h"

namespace postern {

/// "content/0d8k3v…"
std::string content_path(MessageId id);
/// The whole file, checked against size and checksum.
Result<Content> read_content_file(Disk& disk, MessageId id, std::uint64_t size, std::uint32_t crc);

class ContentWriter {
 public:
  /// Called on the writer's thread once the file and its name are on stable storage, or could not
  /// get there; then no file is left behind, if possible.
  using Written = std::move_only_function<void(Result<>)>;

  explicit ContentWriter(Disk& disk);
  ~ContentWriter() { close(); }
  void write(MessageId id, Content content, Written written);
  /// The message is over, and that is on stable storage. What a crash or close() leaves is found
  /// and removed at the next start.
  void remove(MessageId id);
  /// Finishes what was handed over.
  void close();

 private:
  struct Job {
    MessageId id;
    Content content;  // none: to be removed
    Written written;
  };

  void run();
  void work(std::vector<Job>& jobs);
  Result<> write_file(const Job& job);

  Disk& disk_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> waiting_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace postern
