// data_decoder.h — the octets after DATA become a message: where it ends, and what it may hold.
//
// RFC 5321 §4.1.1.4 and §4.5.2. Only CRLF.CRLF ends the data; every look-alike (LF.LF, LF.CRLF,
// CRLF.LF, CRLF.CR.CRLF …) is how mail is smuggled past a gateway (CVE-2023-51764 and its kin) and
// never ends anything. What comes out holds CRLF line ends only, so nothing can be smuggled on:
// a bare LF becomes CRLF, a lone "." line with a bare line end is dropped, a stray CR becomes a
// blank. Whether such a message is then taken at all is the session's decision: it sees `oddities`.
//
// The decoder sees the same message whatever the octets' division into pieces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

class DataDecoder {
 public:
  struct Oddities {
    bool bare_lf = false;
    bool bare_cr = false;
    bool false_end = false;  // a "." line that would have ended the data elsewhere
    bool long_line = false;  // over 65536 octets: not a line any more
    bool too_large = false;  // over the limit: the rest was read and forgotten
  };

  /// `limit`: the most octets of content that are kept.
  explicit DataDecoder(std::uint64_t limit) : limit_(limit) {}

  /// Takes octets up to the end of the data, or all of them; returns how many.
  std::size_t feed(std::string_view octets);
  bool complete() const { return complete_; }
  std::size_t held() const { return content_.size(); }  // octets in memory now

  const Oddities& oddities() const { return oddities_; }
  std::string take() { return std::move(content_); }

 private:
  void end_line(bool with_lf_only);
  void clean_carriage_returns(std::size_t from);

  std::uint64_t limit_;
  std::string content_;
  std::size_t line_ = 0;        // where the current line begins in content_
  bool previous_clean_ = true;  // the previous line ended in CRLF; DATA itself did
  bool complete_ = false;
  Oddities oddities_;
};

}  // namespace postern
