// attributes.h — the attributes of one start tag: values decoded on demand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/html/tokenizer.h"

namespace postern {

struct HtmlString {
  std::string text;
  bool unicode = false;  // see html_text.h
};

/// A view of what the tokenizer holds. Of several attributes with one name the first counts.
class Attributes {
 public:
  Attributes(const std::vector<HtmlAttribute>& written, bool source_unicode)
      : written_(written), source_unicode_(source_unicode) {}

  const std::vector<HtmlAttribute>& written() const { return written_; }
  HtmlString value_of(const HtmlAttribute& attribute) const;
  std::optional<HtmlString> find(std::string_view name) const;

 private:
  const std::vector<HtmlAttribute>& written_;
  bool source_unicode_;
};

}  // namespace postern
