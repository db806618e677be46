// replace_tags.h — replace_tag and its kin: "<A>" in a pattern stands for all that looks like an A.
//
// Plugin/ReplaceTags.pm of SpamAssassin 4.0.1, its order of substitutions included. Tags may hold
// tags, six levels of them; what grows beyond the longest pattern is left as it is.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace postern {

struct ReplaceTags {
  using Table = std::map<std::string, std::string, std::less<>>;
  Table tags;
  Table before;   // replace_pre: put in front of each tag
  Table between;  // replace_inter: put between two tags that touch
  Table after;    // replace_post: put behind each tag
  std::string start = "<";
  std::string end = ">";
  std::set<std::string, std::less<>> rules;  // whose patterns are to be changed

  /// `pattern` without delimiters.
  std::string apply(std::string pattern) const;
};

}  // namespace postern
