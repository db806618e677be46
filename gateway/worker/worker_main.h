// worker_main.h — the zygote: a warm process from which workers are forked.
//
// It has loaded rules or signatures once; its children share them copy-on-write, and a fork takes
// under a millisecond. It obeys its control socket: `start` forks a worker that confines itself
// and serves on the channel that came along, `kill` ends one by the name that `start` gave it.
// When the other end of the control socket is closed everywhere, it ends its workers and itself.
//
// Whoever starts a zygote passes one end of socket_pair(SOCK_SEQPACKET) to it, the other to the
// gateway, keeps neither, and asks wait_for_zygote() before handing the gateway a new one: a zygote
// whose signatures do not load never says ready, and the old one stays in service (fault F24).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/base/unique_fd.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/scratch.h"
#include "gateway/worker/serve.h"

namespace postern {

struct ZygoteSettings {
  std::string kind = "scan";  // for log lines
  std::vector<ServedFilter> filters;
  Identity identity;
  Cage cage;  // scratch and keep are filled in for each worker
  ServeLimits limits;
  Scratch* scratch = nullptr;  // where the profile has files
  /// In the forked child, before the lock-down, with its scratch directory.
  std::function<Result<>(const std::string& scratch)> prepare;
  /// In the worker, after the lock-down, before it says ready: a scanner's proof that it works.
  std::function<Result<>()> prove;
};

/// Drops privileges, says ready on `control`, and serves. Returns the exit status of the process.
/// The process must have one thread; its log is written unbuffered from here on.
int run_zygote(UniqueFd control, ZygoteSettings settings);

/// Waits on the gateway's end until the zygote says ready. An error: it ended, or took too long.
/// Leaves nothing in the socket, so that the gateway can have it from here on.
Result<> wait_for_zygote(int control, milliseconds patience);

}  // namespace postern
