// owner.h — whom the gateway runs as, and what it gives up for good.
#pragma once

#include <string>

#include "gateway/base/result.h"
#include "gateway/worker/privileges.h"

namespace postern {

struct Owner {
  Identity identity;
  bool drop = false;  // started as root: there is something to give up
};

/// mail_owner, where we are root; else whoever we are.
Result<Owner> find_owner(const std::string& name);

/// spool_directory: made where it is missing, private, and the owner's.
Result<> prepare_directory(const std::string& path, const Owner& owner);

/// The gateway needs the network and its files, so it cannot have the workers' cage. It stops being
/// root, with every way back, and can never run another program, trace one, or load code into the
/// kernel: whoever takes it over is left with a mail server.
Result<> become(const Owner& owner);

}  // namespace postern
