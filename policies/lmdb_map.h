// lmdb_map.h — lmdb: tables, made by postmap, asked on disk.
//
// For tables too large for memory, or changed while the gateway runs. Like Postfix we use the
// file's own record lock instead of LMDB's lock file: while postmap writes, questions are answered
// with an error (so 451, and the client comes back) rather than by waiting on the event loop.
// A file that was replaced by another one is seen after a reload.
#pragma once

#include <memory>
#include <string>

#include "gateway/base/result.h"
#include "policies/map.h"

namespace postern {

/// Opens PATH.lmdb, or PATH where that does not exist, read-only. Keys and values may end in a NUL
/// or not; both forms of the key are tried. Do not carry an open map across fork().
Result<std::shared_ptr<const Map>> open_lmdb_map(const std::string& path, std::string name);

}  // namespace postern
