// scan_filter.h — the antivirus filter where it really runs: in a worker of postern-av.
#pragma once

#include <memory>

#include "filters/antivirus/scanner.h"
#include "gateway/pipeline/filter.h"

namespace postern {

/// `scanner` outlives the factory.
std::shared_ptr<const FilterFactory> scanning_factory(const AntivirusSettings& settings,
                                                      Scanner& scanner);

}  // namespace postern
