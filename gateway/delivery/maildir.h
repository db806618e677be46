// maildir.h — writing a message into a Maildir, durably.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"

namespace postern {

/// A name that no other delivery has, on this host or another that shares the folder: time,
/// process, a counter and the host name, as every Maildir reader expects. Thread-safe.
std::string unique_maildir_name(const std::string& hostname);

/// Makes `folder` with cur, new and tmp where they are missing; the new names are synced. `folder`
/// is absolute and has no "." or ".." parts.
Result<> make_maildir(const std::string& folder);

/// Writes the pieces as new/`name`. On success they are on stable storage; on failure nothing is
/// left behind.
Result<> write_to_maildir(const std::string& folder, const std::string& name,
                          std::span<const std::string_view> pieces);

}  // namespace postern
