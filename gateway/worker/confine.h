// confine.h — the cage: what a worker gives up before it reads its first hostile octet.
//
// Descriptors, limits, privileges, files (landlock), system calls (seccomp): each layer holds on
// its own, with or without root. In this order, since each step needs what the next takes away.
// The process must have one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"
#include "gateway/worker/privileges.h"
#include "gateway/worker/system_calls.h"

namespace postern {

enum class Sandbox : unsigned char {
  required,     // landlock and seccomp, or no service
  best_effort,  // what the kernel has
};

struct Cage {
  WorkerProfile profile = WorkerProfile::scan;
  Sandbox sandbox = Sandbox::required;
  std::string scratch;                      // the one writable directory of the av profile
  std::uint64_t memory = 512ULL << 20;      // beyond what the process has mapped at this moment
  seconds processor_time{60};               // for the whole life
  std::uint64_t largest_file = 1ULL << 30;  // in scratch
  std::vector<int> keep;                    // descriptors that stay open, above 2
};

/// Gives up everything else. Standard input, output and error become /dev/null: a worker that was
/// taken over cannot forge lines in the log. Answers which layers hold, for the log
/// ("no_new_privs landlock7 seccomp uid=997"). After an error the process must end.
Result<std::string> confine(const Cage& cage);

/// Closes every descriptor above 2 that is not in `keep`: a fork inherits more than it is told of.
Result<> close_all_but(std::vector<int> keep);

/// The layers that this kernel offers, without using them: what `confine` would answer or lack.
Result<> can_confine(Sandbox sandbox);

}  // namespace postern
