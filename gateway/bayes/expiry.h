// expiry.h — old tokens go, so that the database does not grow without end.
//
// As `sa-learn --force-expire` decides it (BayesStore.pm): three quarters of the limit are kept,
// but no less than 100,000 tokens; tokens go by their last use, older than 12 hours times a power
// of two, the smallest age that lets no more go than must; under 1,000 it is not worth it.
// sa-learn's short cut, which estimates the age from the last time, is left out: a pass over all
// tokens costs milliseconds here.
#pragma once

#include <cstdint>

#include "gateway/bayes/token_database.h"

namespace postern {

struct Expiry {
  std::uint64_t kept = 0;
  std::uint64_t removed = 0;
};

/// Within `change`, which is not committed. `most`: bayes_expiry_max_db_size.
Result<Expiry> expire_tokens(TokenDatabase::Change& change, double most, std::uint64_t now);

}  // namespace postern
