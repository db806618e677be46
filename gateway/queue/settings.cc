#include "gateway/queue/spool.h"

namespace postern {

void describe(SpoolSettings& settings, Keys& keys) {
  keys.size("segment_size", settings.segment_size, 1ULL << 20, 1ULL << 30,
            "The spool's log is cut into files of about this size, the unit in which space is "
            "given back.");
  keys.size("large_message", settings.large_message, 4096, 16ULL << 20,
            "Messages above this size get a file of their own beside the log; smaller ones share "
            "one sync with "
            "others.");
  keys.size("queue_minfree", settings.queue_minfree, 0, 1ULL << 50,
            "Octets that must stay free where the spool lies; below it, clients are asked to come "
            "again (452). "
            "Raise it where other programs write to the same file system.");
}

}  // namespace postern
