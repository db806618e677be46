// database_folder.h — a database in a folder that goes with the test.
#pragma once

#include "gateway/bayes/token_database.h"
#include "tests/policies/temporary_folder.h"

namespace postern {

struct DatabaseFolder : TemporaryFolder {
  /// Without a distance between commits, so that tests need not wait.
  TokenDatabase open() const {
    return TokenDatabase::open(path(), TokenDatabase::Access::write, std::chrono::milliseconds(0))
        .value();
  }
};

}  // namespace postern
