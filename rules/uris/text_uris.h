// text_uris.h — the URIs in running text: with a scheme, mail addresses, and host names alone.
//
// PerMsgStatus.pm's _tbirdurire and _process_text_uri_list of SpamAssassin 4.0.1: what mail readers
// turn into links, and bare host names under a known top-level domain beside. Text is octets; A0
// ends a URI, even as a part of a UTF-8 character, as it does there. Linear; 2048 octets a URI.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/hosts/registry_boundaries.h"

namespace postern {

/// What the pattern finds, as it stands in the text.
struct FoundInText {
  enum class Kind { scheme, mail, schemeless };
  std::string_view text;
  Kind kind = Kind::scheme;
  std::string_view host = {};  // of the schemeless
};

/// Goes through one text from find to find.
class TextScanner {
 public:
  TextScanner(std::string_view text, const RegistryBoundaries& boundaries);
  std::optional<FoundInText> next();

 private:
  bool next_token();
  std::optional<FoundInText> match_at(std::size_t at);
  std::optional<FoundInText> address_at(std::size_t at);
  std::optional<FoundInText> host_at(std::size_t at) const;
  std::size_t mark_from(std::size_t at);

  std::string_view text_;
  const RegistryBoundaries& boundaries_;
  std::size_t at_ = 0;         // where the search goes on
  std::size_t token_end_ = 0;  // no find reaches over it
  std::size_t local_end_ = 0;  // first '@' or end of a mail address not before the last asked place
  std::size_t marks_[3] = {};  // next ':', '@' and '.'
};

struct TextUri {
  std::string uri;          // with a scheme put in front where it had none
  bool schemeless = false;  // that was so
  bool unlinked = false;    // a mail reader would make no link of it
};

/// Collects them over the elements of a body, each as written once. Looks at the texts as long as
/// it lives.
class TextUris {
 public:
  explicit TextUris(const RegistryBoundaries& boundaries) : boundaries_(boundaries) {}
  void add(std::string_view text);
  const std::vector<TextUri>& found() const { return found_; }

 private:
  std::optional<TextUri> as_link(std::string_view raw) const;
  void keep(const FoundInText& found);

  const RegistryBoundaries& boundaries_;
  std::set<std::string_view> seen_;
  std::vector<TextUri> found_;
};

}  // namespace postern
