// subjects.h — the texts that a rule is matched against, each with the name of where it is from.
//
// The same texts as in a scan, in the same order. Which part of the message a paragraph comes from
// is found again by looking for it in the parts, in their order, since the scan keeps no such note.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/rule_set.h"

namespace postern {

struct Subject {
  std::string label;      // "body paragraph 3", "header Subject"
  std::string part;       // "1.2 text/html"; "" where it is of no single part
  std::string_view text;  // valid as long as the Subjects
};

class Subjects {
 public:
  explicit Subjects(ScannedMessage& message) : message_(message) {}
  Subjects(const Subjects&) = delete;
  Subjects& operator=(const Subjects&) = delete;

  /// Of a rule with a pattern; none for other types. A header rule has none where the field is
  /// missing and [if-unset] does not stand in for it.
  const std::vector<Subject>& of(const CompiledRule& rule);

 private:
  const std::vector<Subject>& texts(RuleType type);
  void header(const CompiledRule& rule);
  void mime_header(const CompiledRule& rule);
  std::vector<Subject> with_parts(const std::vector<std::string>& texts, std::string_view label,
                                  bool rendered);
  const std::vector<std::string>& part_names();

  ScannedMessage& message_;
  std::optional<std::vector<Subject>> body_;
  std::optional<std::vector<Subject>> rawbody_;
  std::vector<Subject> others_;
  std::vector<std::string> room_;  // of others_
  std::vector<std::string> part_names_;
};

/// How rules name it: "From:addr", "ALL".
std::string written(const HeaderSource& source);

}  // namespace postern
