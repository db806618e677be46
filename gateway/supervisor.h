// supervisor.h — the process that an administrator starts: binds ports, starts and watches the
// others, drops root. It parses no octet from outside.
//
//     supervisor ── gateway          sessions, queue, deliveries; unprivileged; never execs
//                └─ zygotes          one of scan workers, one of av workers (worker/worker_main.h)
//
// SIGHUP reads the configuration again, SIGTERM drains and ends. A gateway that dies is started
// again with new zygotes; a zygote that dies is replaced while the gateway goes on.
#pragma once

#include <string>

namespace postern {

/// Runs until told to end; the exit status: 0, or 78 where the configuration is refused.
int supervise(const std::string& configuration_path);

}  // namespace postern
