// checkpoint.h — the index in a file, so that a start need not read the whole history.
//
// FORMAT.md has the octets, and the proof that a checkpoint which took its time, while mail came
// and went, is right together with the log behind the place where it began.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/queue/disk.h"
#include "gateway/queue/index.h"
#include "gateway/queue/message_id.h"

namespace postern {

/// Where the log stood, all of it on stable storage and in the index.
struct LogPosition {
  struct Segment {
    std::uint32_t number = 0;
    std::uint64_t salt = 0;
    std::uint32_t durable = 0;  // octets of it on stable storage
  };

  std::uint32_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t next_sequence = 0;
  MessageId last_id;              // the largest ever seen
  std::vector<Segment> segments;  // that existed, in order
};

inline constexpr const char* checkpoint_path = "checkpoint";
inline constexpr const char* unfinished_checkpoint_path = "checkpoint.new";

/// What happens between the steps of writing a checkpoint.
struct CheckpointSteps {
  /// After each piece: waits, so that others get the disk. False: give up.
  std::function<bool(std::uint64_t octets)> pause;
  /// After the walk over the index: waits until the log on stable storage says all that the index
  /// said until now.
  std::function<Result<>()> wait_for_log;
};

/// Writes what the index holds while others change it, and puts the file into its place. Returns
/// its size. On failure the checkpoint before stays.
Result<std::uint64_t> write_checkpoint(Disk& disk, const Index& index, const LogPosition& position,
                                       const CheckpointSteps& steps);

struct Checkpoint {
  LogPosition position;
  std::uint64_t messages = 0;
  std::uint64_t size = 0;
};

/// Puts all messages of the checkpoint into `index`. Whatever is wrong with it, torn, damaged, of
/// another version, makes an error with the reason, and the index is empty.
Result<Checkpoint> read_checkpoint(Disk& disk, Index& index);

}  // namespace postern
