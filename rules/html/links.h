// links.h — the URIs of an HTML part as its elements give them, and the texts of its anchors.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/html/attributes.h"
#include "rules/html/html_text.h"

namespace postern {

class HtmlLinks {
 public:
  /// From a start tag of an element that may have URIs; `tag` is its name in html_elements.
  void collect(std::string_view tag, const Attributes& attributes);

  /// <a>: texts go to it until the next one.
  void open_anchor(const Attributes& attributes);
  void add_anchor_text(std::string_view text);

  std::vector<HtmlUri> take_uris() { return std::move(uris_); }
  std::vector<std::string> take_anchors() { return std::move(anchors_); }
  bool truncated() const { return truncated_; }

 private:
  void add(std::string_view tag, const HtmlString& uri);
  void add_value(std::string_view tag, const Attributes& attributes, std::string_view name);
  void set_base(const HtmlString& href);
  void collect_refresh(const Attributes& attributes);
  HtmlString trimmed(const HtmlString& uri);
  HtmlUri& entry(std::string_view uri, bool unicode);

  std::vector<HtmlUri> uris_;
  std::unordered_map<std::string, std::size_t> index_;
  HtmlString base_;
  std::vector<std::string> anchors_;
  std::size_t anchor_uri_ = 0;  // index of the last anchor's
  bool truncated_ = false;
};

}  // namespace postern
