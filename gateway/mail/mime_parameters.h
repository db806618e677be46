// mime_parameters.h — the value of Content-Type and its kin: "word; name=value; …".
//
// RFC 2045 §5.1, RFC 2183, RFC 2231. Readers disagree on everything that is not quite right here,
// so nothing is decided early: duplicates stay in the list and each value keeps its second reading.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct MimeParameter {
  std::string name;   // lower case, without the marks of RFC 2231
  std::string value;  // unquoted
  std::string loose;  // as lax readers take it: all up to the ';', backslashes kept
  std::optional<std::size_t> section;  // "name*1=": 1
  bool extended = false;               // "name*=" or "name*1*=": with %XX, perhaps a charset
};

struct MimeValue {
  std::string word;  // before the first ';', in lower case, without comments
  std::vector<MimeParameter> parameters;
  bool too_many = false;   // there were more than the limit; the rest is not listed
  bool malformed = false;  // something stood there that is no parameter
};

/// `text` is unfolded. Comments are dropped, nested ones counted, not recursed into.
MimeValue parse_mime_value(std::string_view text, std::size_t limit);

/// A parameter that must mean one thing.
struct SingleParameter {
  std::string value;       // the first that was given; "" where there was none
  bool ambiguous = false;  // several were given, or the one can be read in two ways
};
SingleParameter single_parameter(const MimeValue& from, std::string_view name);

/// Every name that some reader would show for the file, in UTF-8: RFC 2231, RFC 2047 and literal.
struct Filenames {
  std::string best;
  std::set<std::string> all;
};
/// Adds what `name` ("filename", "name") holds. `best` is set where it was empty.
void add_filenames(Filenames& to, const MimeValue& from, std::string_view name);

}  // namespace postern
