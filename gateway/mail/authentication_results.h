// authentication_results.h — what SPF, DKIM, DMARC found, in the words of RFC 8601: one result
// ("dkim=pass header.d=example.org"), and the value of a field of them.
//
// It is also how the filters that authenticate tell the others: each result is a finding whose text
// is one of these, so that rules, policies and people read the same thing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace postern {

/// RFC 8601 §2.3: where something stands ("smtp", "header", "body", "policy"), what, and its value.
struct ResultProperty {
  std::string type;
  std::string name;
  std::string value;
};

struct MethodResult {
  std::string method;  // "spf", "dkim", "dmarc"
  std::string result;  // RFC 8601 §2.7: none pass fail softfail policy neutral temperror permerror
  std::string comment = {};                     // for people, written behind the result: "p=reject"
  std::string reason = {};                      // why; "" = nothing to say
  std::vector<ResultProperty> properties = {};  // in the order in which they are written

  /// The value of "type.name", or nullptr. Names compare without case.
  const std::string* property(std::string_view type, std::string_view name) const;
};

/// RFC 8601 §2.2 `resinfo` without its semicolon. Nothing can break out of its place: values are
/// quoted where they have to be, and octets that may not stand there become '?'.
std::string format_result(const MethodResult& result);

constexpr std::size_t longest_result = 4096;  // octets of one result; honest ones have 300
constexpr std::size_t most_properties = 32;   // of one result

/// One whole result, strictly: an error for anything else or beyond the limits. Method, result and
/// the names of properties come out in lower case. A method's version is read and dropped; of
/// comments only the one behind the result is kept.
Result<MethodResult> parse_result(std::string_view text);

/// The field's value: who says so, and each result on a line of its own; "none" without results.
std::string format_results(std::string_view authserv_id, const std::vector<MethodResult>& results);

/// Who a field claims to be from, from its value as it stands in a message, in lower case:
/// leniently, since what others might read is asked for. "" where no name can be found.
std::string claimed_authserv_id(std::string_view value);

}  // namespace postern
