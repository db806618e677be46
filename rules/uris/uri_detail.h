// uri_detail.h — the conditions of uri_detail rules: several about one and the same URI.
//
//     uri_detail NAME type =~ /^a$/ domain =~ /\.example$/i text !~ /unsubscribe/
//
// Plugin/URIDetail.pm of SpamAssassin 4.0.1. Keys: raw, type, cleaned, text (of anchors), domain,
// host. Text between conditions is ignored; a key that comes again, in a later line of the same
// rule too, replaces the earlier condition.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "rules/patterns/regex.h"
#include "rules/uris/message_uris.h"

namespace postern {

class UriConditions {
 public:
  /// What stands behind the rule's name. Nothing is added on an error; none at all is one.
  std::expected<void, SyntaxError> add(std::string_view text);
  /// Once, before the rule is shared between threads.
  void compile_native();

  /// match: one URI of the message meets all conditions. A condition with =~ holds if any of the
  /// values matches, one with !~ if any does not; no value, no match.
  /// limit: an expression was too dear and no URI matched.
  Regex::Outcome matches(const MessageUris& uris, Matcher& matcher) const;

 private:
  static constexpr std::size_t keys = 6;
  struct Condition {
    Regex pattern;
    bool negated = false;
  };
  struct Written;

  Regex::Outcome holds(std::size_t key, const Uri& uri, Matcher& matcher) const;

  std::array<std::optional<Condition>, keys> conditions_;
};

}  // namespace postern
