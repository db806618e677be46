// stock_info.h — labels of a share's data sheet: "Symbol: …", "Current Price: …" at the start of
// lines (Plugin/BodyEval.pm, _check_stock_info).
#pragma once

#include <cstddef>

#include "rules/message/scanned_message.h"

namespace postern {

/// A memo of one message: different labels in its first text/plain part.
struct StockLabels {
  explicit StockLabels(ScannedMessage& message);
  /// Compiles what the first message else would; called when a rule is bound.
  static void prepare();
  std::size_t count = 0;
};

}  // namespace postern
