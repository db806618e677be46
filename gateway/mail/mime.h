// mime.h — the tree of parts that a message consists of: RFC 2045, 2046, 2183; RFC 5322 §2.1.
//
// Made for detection. Readers differ on damaged messages, and that is an attack (a scanner that
// sees one thing while the reader shows another), so whatever can be read in two ways is reported
// as an anomaly, and the first reading is kept. Parts are ranges strictly inside their parent, so
// that a cycle cannot exist. Time is linear in the size, with the depth limit as the factor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

enum class MimeAnomaly : std::uint32_t {
  duplicate_type = 1U << 0,        // several Content-Type fields
  duplicate_encoding = 1U << 1,    // several Content-Transfer-Encoding fields
  duplicate_boundary = 1U << 2,    // several boundaries, or one that can be read in two ways
  duplicate_charset = 1U << 3,     // the same for the charset
  reused_boundary = 1U << 4,       // a multipart has the boundary of one around it
  long_boundary = 1U << 5,         // over the 70 characters of RFC 2046 §5.1.1
  missing_boundary = 1U << 6,      // a multipart without the parameter, or without such a line
  missing_end_boundary = 1U << 7,  // a multipart that just stops
  parts_after_end = 1U << 8,       // a part behind the end line; it is listed
  too_deep = 1U << 9,              // not taken apart any further
  too_many_parts = 1U << 10,       // the rest is not listed
  too_many_parameters = 1U << 11,  // the rest is not looked at
  bad_base64 = 1U << 12,           // two decoders may read two things
  unknown_encoding = 1U << 13,
  encoded_container = 1U << 14,  // base64 or quoted-printable around parts (RFC 2045 §6.4)
  malformed_header = 1U << 15,   // a line in it is no field
  malformed_field = 1U << 16,    // Content-Type and its kin: text that is no parameter
  no_empty_line = 1U << 17,      // between header and body
};

/// A set of anomalies.
class MimeAnomalies {
 public:
  void add(MimeAnomaly anomaly) { bits_ |= static_cast<std::uint32_t>(anomaly); }
  void add(MimeAnomalies others) { bits_ |= others.bits_; }
  bool has(MimeAnomaly anomaly) const { return (bits_ & static_cast<std::uint32_t>(anomaly)) != 0; }
  bool empty() const { return bits_ == 0; }
  /// In words, as the enumerators are written.
  std::vector<std::string_view> names() const;

 private:
  std::uint32_t bits_ = 0;
};

/// Offsets into the octets that were parsed.
struct MimeRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
  std::string_view of(std::string_view octets) const { return octets.substr(begin, size()); }
  bool operator==(const MimeRange&) const = default;
};

struct MimePart {
  std::string type = "text";  // lower case, as are subtype, charset, encoding and disposition
  std::string subtype = "plain";
  std::string charset;
  std::string boundary;
  std::string encoding = "7bit";
  std::string disposition;          // "attachment", "inline", "" where not given
  std::string filename;             // what most readers show, in UTF-8
  std::set<std::string> filenames;  // what any reader may show: check them all

  MimeRange header;        // without the empty line
  MimeRange body;          // as it stands there: see decode_body()
  std::size_t parent = 0;  // index; the root's is its own
  unsigned depth = 0;      // 0 for the root
  std::vector<std::size_t> children;
  MimeAnomalies anomalies;

  std::string media_type() const { return type + "/" + subtype; }
  bool leaf() const { return children.empty(); }
};

struct MimeTree {
  std::vector<MimePart> parts;  // never empty: the root first, then depth first
  MimeAnomalies anomalies;      // of all parts together
};

struct MimeLimits {
  unsigned depth = 32;          // levels, the root's included
  std::size_t parts = 1000;     // the root included
  std::size_t parameters = 64;  // of one field
};

/// Never fails. An attached message (message/rfc822, message/global) is a part with one child, the
/// message, unless it is encoded: then it is a leaf, to be decoded and parsed by itself.
MimeTree parse_mime(std::string_view octets, const MimeLimits& limits = {});

}  // namespace postern
