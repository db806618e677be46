// dsn_text.h — the words of a delivery report that a person reads.
#pragma once

#include <string>

#include "gateway/mail/dsn.h"

namespace postern {

std::string dsn_subject(const DsnRequest& request);

/// Plain text in UTF-8, CRLF line ends, at most 76 columns where words allow it.
std::string dsn_text(const DsnRequest& request);

}  // namespace postern
