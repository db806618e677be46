#include "rules/ngrams/gram.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>

namespace postern {
namespace {

constexpr std::uint8_t in_word = 1;
constexpr std::uint8_t letter = 2;  // of ISO-8859-1
constexpr std::uint8_t capital = 4;
constexpr std::uint8_t ascii_capital = 8;

constexpr bool within(int octet, int first, int last) { return first <= octet && octet <= last; }

constexpr std::array<std::uint8_t, 256> make_classes() {
  constexpr std::string_view between = "0123456789 \t\n\v\f\r-!\"#$%&()*+,./:;<=>?@[\\]^_`{|}~";
  std::array<std::uint8_t, 256> classes{};
  for (int octet = 0; octet < 256; ++octet) {
    const bool great = within(octet, 0xC0, 0xDE) && octet != 0xD7;
    const bool small = within(octet, 'a', 'z') || (within(octet, 0xE0, 0xFE) && octet != 0xF7);
    const bool ascii = within(octet, 'A', 'Z');
    std::uint8_t bits = between.find(static_cast<char>(octet)) == between.npos ? in_word : 0;
    if (great || small || ascii) bits |= letter;
    if (great || ascii) bits |= capital;
    if (ascii) bits |= ascii_capital;
    classes[static_cast<std::size_t>(octet)] = bits;
  }
  return classes;
}

constexpr auto classes = make_classes();

bool is(char c, std::uint8_t bits) { return (classes[static_cast<unsigned char>(c)] & bits) != 0; }

/// Counts in a table with room for all grams of the longest sample: 10,000 octets have less than
/// 50,000 of them however they are cut into words.
class Tally {
 public:
  Tally() : entries_(slots) {}

  void add(std::uint64_t gram) {
    auto slot = (gram * 0x9E3779B97F4A7C15U) >> shift;
    while (entries_[slot].gram != gram && entries_[slot].gram != 0) slot = (slot + 1) % slots;
    entries_[slot].gram = gram;
    ++entries_[slot].count;
  }

  std::vector<std::uint64_t> most_frequent(std::size_t most, std::size_t above) {
    std::erase_if(entries_, [above](const Entry& entry) { return entry.count <= above; });
    const auto first = [](const Entry& a, const Entry& b) {
      return a.count != b.count ? a.count > b.count : a.gram < b.gram;
    };
    const auto kept =
        entries_.begin() + static_cast<std::ptrdiff_t>(std::min(most, entries_.size()));
    std::partial_sort(entries_.begin(), kept, entries_.end(), first);
    std::vector<std::uint64_t> out;
    out.reserve(most);
    for (auto entry = entries_.begin(); entry != kept; ++entry) out.push_back(entry->gram);
    return out;
  }

 private:
  struct Entry {
    std::uint64_t gram = 0;
    std::uint32_t count = 0;
  };
  static constexpr std::size_t slots = 65'536;
  static constexpr int shift = 48;  // leaves 16 bits, the number of a slot
  std::vector<Entry> entries_;
};

/// Models are in lower case. What looks like a word with capitals is taken to be ISO-8859-1,
/// whatever its charset is, as TextCat.pm does with octets.
void lower_case(std::string& word) {
  const auto capital_somewhere = [](char c) { return is(c, ascii_capital); };
  if (std::ranges::none_of(word, capital_somewhere)) return;
  std::size_t run = 0;
  for (std::size_t i = 0; i < word.size() && run < 4; ++i) run = is(word[i], letter) ? run + 1 : 0;
  if (run < 4) return;
  for (char& c : word) {
    if (is(c, capital)) c = static_cast<char>(static_cast<unsigned char>(c) + 0x20);
  }
}

void count_word(const std::string& word, Tally& tally) {
  for (std::size_t from = 0; from < word.size(); ++from) {
    const auto most = std::min(longest_gram, word.size() - from);
    for (std::size_t length = 1; length <= most; ++length)
      tally.add(gram_of(std::string_view(word).substr(from, length)));
  }
}

}  // namespace

std::uint64_t gram_of(std::string_view octets) {
  if (octets.empty() || octets.size() > longest_gram) return 0;
  std::uint64_t gram = 0;
  for (std::size_t i = 0; i < longest_gram; ++i)
    gram = gram << 8 | (i < octets.size() ? static_cast<unsigned char>(octets[i]) : 0U);
  return gram << 8 | octets.size();
}

std::vector<std::uint64_t> frequent_grams(std::string_view text, std::size_t most,
                                          std::size_t above) {
  text = text.substr(0, longest_sample);
  Tally tally;
  std::string word;
  for (std::size_t at = 0; at < text.size();) {
    const auto from = at;
    while (at < text.size() && is(text[at], in_word)) ++at;
    if (at == from) {
      ++at;
      continue;
    }
    word.assign(text.substr(from, at - from));
    lower_case(word);
    word.insert(word.begin(), '\0');
    word.push_back('\0');
    count_word(word, tally);
  }
  return tally.most_frequent(most, above);
}

}  // namespace postern
