// alternative_words.h — how far the HTML of a multipart/alternative says something else than its
// text (Plugin/BodyEval.pm, _multipart_alternative_difference).
#pragma once

#include <cstddef>

#include "rules/message/scanned_message.h"

namespace postern {

/// A memo of one message. Words are what stands between white space and holds a letter or digit.
struct AlternativeWords {
  explicit AlternativeWords(ScannedMessage& message);

  /// Per cent of different words in HTML that the text has less often; of the worst alternative.
  double difference = 0;
  /// Different words in the last alternative that has any in HTML.
  std::size_t html_words = 0;
  std::size_t text_words = 0;
};

}  // namespace postern
