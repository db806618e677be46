// map_source.h — the text files behind maps and lists, line by line.
//
// The format is the one of Postfix's tables: empty lines and lines whose first character other
// than a blank is # are ignored; a line that starts with a blank continues the one before (also
// across comments). Trailing white space goes. Files are read once, when the configuration loads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/configured.h"

namespace postern {

/// The octets of a regular file of at most 1 GiB.
Result<std::string> read_source(const std::string& path);

struct SourceLine {
  std::size_t number = 0;  // of its first physical line, from 1
  std::string text;
};

class SourceLines {
 public:
  /// `text` and `problems` must outlive this; `name` is the file's, for problems.
  SourceLines(std::string_view text, std::string name, std::vector<Problem>& problems)
      : rest_(text), name_(std::move(name)), problems_(problems) {}

  /// The next logical line, of at most 1 MiB; false at the end. Lines that cannot be one are
  /// reported and skipped.
  bool next(SourceLine& line);

  /// Reports a problem of line `number`: "file:line".
  void problem(std::size_t number, std::string what);
  std::string where(std::size_t number) const { return name_ + ":" + std::to_string(number); }

 private:
  std::string_view take_physical();
  void join(SourceLine& line, std::string_view physical);

  std::string_view rest_;
  std::size_t number_ = 0;
  std::string name_;
  std::vector<Problem>& problems_;
};

/// An element of a list of names or networks.
struct ListItem {
  std::string text;
  std::string where;
  bool negated = false;  // written with a "!" in front
};

/// The elements of a configured list: words, whole maps ("type:argument"), and the words of files
/// ("/path"), in order. A file cannot name another file.
std::vector<ListItem> list_items(const ConfiguredList& list, std::vector<Problem>& problems);

}  // namespace postern
