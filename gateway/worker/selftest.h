// selftest.h — trying to break out of the cage, on the machine where it is to hold.
//
// Each attempt runs in a fresh process that is confined exactly as a worker is, with files around
// it that the file permissions would allow: what refuses must be the cage.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "gateway/worker/confine.h"

namespace postern {

/// What an attempt finds around it.
struct Surroundings {
  pid_t parent = 0;
  std::string scratch;  // the av profile's own directory
  std::string outside;  // a directory beside it, with the same owner
  int readable = -1;    // inherited descriptors: a file of the parent,
  int writable = -1;
  int channel = -1;  // and the worker's own socket, which stays open
};

struct Escape {
  std::string_view name;
  bool (*succeeds)(const Surroundings&);
};
std::span<const Escape> escapes();

enum class EscapeOutcome { refused, escaped, not_confined };
/// Runs one attempt as `identity`. `confined` false is for testing the test.
EscapeOutcome try_escape(const Escape& escape, WorkerProfile profile, const Identity& identity,
                         bool confined);

/// All attempts in both profiles: "profile/name TAB refused|ESCAPED" each. Returns 1 on any escape,
/// or where confining fails (the reason goes to standard error), else 0.
int selftest_sandbox(std::FILE* out, const Identity& identity = {});

}  // namespace postern
