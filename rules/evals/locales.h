// locales.h — which charsets a reader of some languages expects: Locales.pm of SpamAssassin 4.0.1,
// with what ok_locales says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

class Locales {
 public:
  /// As ok_locales has them: "all", or codes such as "en ja".
  explicit Locales(std::string_view ok_locales);

  bool allow_all() const { return all_; }
  /// Western charsets and Unicode are everyone's.
  bool allow(std::string_view charset) const;

 private:
  bool all_ = false;
  std::vector<std::string> languages_;
};

/// A charset whose letters come out as capitals when it is read as Latin: Cyrillic, Chinese,
/// Japanese and their like (Constants.pm, CHARSETS_LIKELY_TO_FP_AS_CAPS).
bool reads_as_capitals(std::string_view charset);

}  // namespace postern
