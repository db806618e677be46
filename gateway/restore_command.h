// restore_command.h — `postern queue restore`: a backup made the spool again, without a gateway.
#pragma once

#include <string>

namespace postern {

/// Into spool_directory of that configuration, as mail_owner, so that the gateway may use what it
/// finds. The directory must be empty: what a queue holds is never replaced. Prints what was
/// restored; the exit status: 0, 74 where nothing was restored, 78 for the configuration.
int restore_queue(const std::string& backup, const std::string& configuration);

}  // namespace postern
