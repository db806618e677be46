// token_lookup.h — the database as scans read it: without a lock, and without a system call.
//
// A scan worker has no files, so that it cannot take part in LMDB's table of readers; and a mapping
// that was made before the cage closed can be read for as long as it lives, also by the children of
// a fork. What protects a reader is this: LMDB uses the pages of a state again when the third
// commit after it is under way, and commits keep a second's distance (token_database.h), so that a
// look-up, which takes a fraction of a millisecond, has two seconds. After each look-up the number
// of the newest commit is read once more: if two have passed, the answer is thrown away and the
// question asked anew.
#pragma once

#include <memory>
#include <string>

#include "gateway/base/result.h"
#include "rules/bayes/token_store.h"

namespace postern {

/// Opens what TokenDatabase has made; a database that is made or replaced later is not seen.
Result<std::unique_ptr<const TokenStore>> open_token_store(const std::string& folder);

}  // namespace postern
