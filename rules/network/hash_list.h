// hash_list.h — check_hashbl_*: lists that are asked for the digest of a mail address, a link, a
// piece of text, a tag's value or an attachment (HashBL.pm of SpamAssassin 4.0.1).
//
// What can be asked is gathered in the order in which it stands in the message; SpamAssassin draws
// lots where there is more than max=. Options that are not known are ignored, as there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/evals/eval.h"
#include "rules/network/answer_test.h"
#include "rules/network/digest.h"

namespace postern {

struct LookupSettings;

enum class HashSubject : std::uint8_t { emails, uris, body, tag, attachments };

struct HashOptions {
  DigestKind digest = DigestKind::none;
  std::size_t most = 10;
  std::size_t smallest = 0;  // minsize=, octets
  bool has_largest = false;  // maxsize=
  bool keep_case = false;
  bool no_dot = false, no_tag = false, no_uri = false, no_quote = false;  // of addresses
  bool user = false, host = false, domain = false;
  bool raw = false;
  bool digits = false;                                            // num: of what a pattern finds
  bool ip = false, ipv4 = false, ipv6 = false, reversed = false;  // of a tag's value
  bool qualified = false, known_top = false, trimmed = false;

  static HashOptions parse(std::string_view written);
};

struct HashList {
  std::uint32_t rule = 0;
  HashSubject subject = HashSubject::emails;
  std::string zone;
  HashOptions options;
  AnswerTest test;
  std::string headers;                   // emails: names with slashes between them
  std::string acl;                       // emails: "" = none
  std::string tag;                       // in capitals
  std::shared_ptr<const Regex> pattern;  // body: its first group is asked for
  std::shared_ptr<const Regex> welcome;  // emails: addresses that nobody asks about
  bool raw_body = false;

  /// Of the arguments of a check_hashbl_* function; `legal` where SpamAssassin takes the rule, and
  /// it never hits.
  static std::expected<HashList, UnboundCall> bind(std::string_view function,
                                                   const std::vector<std::string>& arguments,
                                                   const LookupSettings& settings);
};

/// Names of the functions that bind() takes.
bool is_hash_function(std::string_view name);

/// What the list is asked for, without its zone; not for tags.
std::vector<std::string> hashes(const HashList& list, ScannedMessage& message);
std::vector<std::string> tag_hashes(const HashList& list, std::vector<std::string> values,
                                    const ScannedMessage& message);

}  // namespace postern
