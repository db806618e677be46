// address_globs.h — a list of addresses in which * and ? stand for others, asked by hash.
//
// What follows an entry's last wildcard is its tail; entries are kept by tail, so that a question
// costs one look-up for each length that tails have, however many entries there are (the stock
// list of authenticated senders has 943). Parser.pm's add_to_addrlist of SpamAssassin 4.0.1.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postern {

/// '*' stands for any octets and '?' for one, neither for a line end; letters as they are. Linear
/// in the text for each star, no recursion.
bool matches_glob(std::string_view pattern, std::string_view text);

/// For maps whose keys come from rule files and are asked for as views.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

class AddressGlobs {
 public:
  /// Written in any case; matched against addresses in lower case.
  void add(std::string_view entry);
  /// Only an entry written the same way goes.
  void remove(std::string_view entry);

  bool matches(std::string_view address) const;
  /// All entries that match, in lower case as written.
  std::vector<std::string_view> matching(std::string_view address) const;

 private:
  struct Entry {
    std::string written;
    std::string pattern;
    bool matches(std::string_view address) const;
  };
  template <class Visit>
  void candidates(std::string_view address, Visit visit) const;

  std::unordered_map<std::string, std::vector<Entry>, TextHash, std::equal_to<>> by_tail_;
  std::map<std::size_t, std::size_t> tails_of_length_;  // how many; no length without one
};

}  // namespace postern
