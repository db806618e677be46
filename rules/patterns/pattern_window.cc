#include "rules/patterns/pattern_window.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "rules/patterns/octet_class.h"
#include "rules/patterns/octet_frequency.h"
#include "rules/patterns/pattern_network.h"

namespace postern {
namespace {

using Kind = PatternNode::Kind;

// Nanoseconds on the processors of 2024. Only their proportions matter.
constexpr double one_try = 45;          // the compiled pattern at one place, in vain
constexpr double search_of_rest = 600;  // the compiled pattern from a place to the end
constexpr double set_window = 0.04;     // of the pass over the text: a bit of 64
constexpr double gram = 0.0005;         // of the pass over the text: a place in a table
constexpr double pass_of_code = 0.6;    // the compiled pattern, passing a place
constexpr double start_of_code = 10;    // … that has the first octet of a match

constexpr std::size_t most_grams = 400;       // of one window
constexpr double most_combinations = 20'000;  // of octets that may follow one another: too wide
constexpr std::size_t most_branches = 24;     // of a choice that is looked into
constexpr std::size_t most_cuts = 10000;      // of one pattern

// What every text of some class is full of: a gram from here tells nothing.
constexpr std::string_view commonplaces =
    "[ ip= rdns= helo= by= ident= envfrom= intl=0 id= auth= msa=0 ] [ \nreceived: from by with "
    "esmtp"
    " id for <\nsubject: re: \nfrom: \nto: \ndate: \nmessage-id: <\ncontent-type: text/plain;"
    " charset= text/html http://www. https:// .com/ .com> href=\"http <a href=\"http font ";
constexpr double common = 1.0 / 150;

bool is_common(std::uint32_t octets, std::size_t length) {
  static const auto made = [] {
    std::array<std::unordered_set<std::uint32_t>, longest_gram + 1> out;
    for (std::size_t size = 2; size <= longest_gram; ++size) {
      for (std::size_t at = 0; at + size <= commonplaces.size(); ++at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
          const auto octet = static_cast<std::uint8_t>(commonplaces[at + i]);
          value |= std::uint32_t{octet} << (8 * i);
        }
        out[size].insert(value);
      }
    }
    return out;
  }();
  return made[length].contains(octets);
}

const OctetSet word = *read_class_escape('w');

double price_of_a_hit(const LengthRange& offset) {
  if (offset.most == unbounded || offset.most - offset.least >= most_starts) return search_of_rest;
  return one_try * (1 + offset.most - offset.least);
}

/// Finds the cheapest cover: for each place that all matches pass, what can follow it is priced.
/// What is looked for is always cheaper than something known, and given up as soon as it is not.
class Choice {
 public:
  explicit Choice(const PatternTree& tree)
      : tree_(tree), lengths_(lengths_of(tree)), network_(tree) {}

  std::optional<PatternCover> run() {
    if (network_.too_large() || lengths_[tree_.root].least == 0) return std::nullopt;
    return best(tree_.root, {{0, 0}, false}, cost_everywhere());
  }

 private:
  using Found = std::optional<PatternCover>;
  struct At {
    LengthRange offset;
    bool boundary;  // right behind a \b
  };

  double cost_everywhere() {
    std::vector<std::uint32_t> states{network_.entry(tree_.root)};
    network_.close(states);
    OctetSet first;
    for (const auto state : states) first |= network_.octets(state);
    OctetChain chain;
    chain.add(first);
    return pass_of_code + start_of_code * chain.probability();
  }

  /// The best cover that costs less than `bound`.
  Found best(std::uint32_t number, At at, double bound) {
    const auto& node = tree_[number];
    switch (node.kind) {
      case Kind::empty:
      case Kind::look:
      case Kind::assertion:
      case Kind::reference:
        return std::nullopt;
      case Kind::set:
        return cut(number, at, bound);
      case Kind::capture:
      case Kind::atomic:
        return best(node.children[0], at, bound);
      case Kind::repeat: {
        if (node.least == 0) return std::nullopt;
        return best(node.children[0], at, bound);
      }
      case Kind::sequence:
        return best_of_sequence(node, at, bound);
      case Kind::choice:
        return best_of_choice(number, at, bound);
    }
    return std::nullopt;
  }

  Found best_of_sequence(const PatternNode& node, At at, double bound) {
    Found found;
    auto& offset = at.offset;
    for (const auto child : node.children) {
      if (auto cheaper = best(child, at, bound)) {
        bound = cheaper->cost;
        found = std::move(cheaper);
      }
      const auto& length = lengths_[child];
      offset.least += length.least;
      offset.most = offset.most == unbounded || length.most == unbounded ||
                            offset.most + length.most < offset.most
                        ? unbounded
                        : offset.most + length.most;
      if (tree_[child].kind == Kind::assertion) {
        at.boundary |= tree_[child].text == "\\b";
      } else if (tree_[child].kind != Kind::look) {
        at.boundary = false;
      }
    }
    return found;
  }

  Found best_of_choice(std::uint32_t number, At at, double bound) {
    const auto& node = tree_[number];
    auto found = cut(number, at, bound);
    if (node.children.size() > most_branches) return found;
    if (found) bound = found->cost;
    PatternCover all;
    for (const auto child : node.children) {
      auto one = best(child, at, bound - all.cost);
      if (!one) return found;
      all.cost += one->cost;
      if (all.cost >= bound) return found;
      std::ranges::move(one->windows, std::back_inserter(all.windows));
    }
    return all;
  }

  /// What can stand where `number` begins.
  Found cut(std::uint32_t number, At at, double bound) {
    if (++cuts_ > most_cuts) return std::nullopt;
    std::vector<std::uint32_t> states{network_.entry(number)};
    if (network_.close(states)) return std::nullopt;
    const auto first = states;
    PatternWindow window{.offset = at.offset};
    bool ends = false;
    // No more than grams can be cheaper than a set.
    const auto longest = bound > set_window ? longest_window : longest_gram;
    std::vector<std::uint32_t> next;
    while (window.length < longest && !ends) {
      OctetSet octets;
      next.clear();
      for (const auto state : states) {
        octets |= network_.octets(state);
        next.push_back(network_.behind(state));
      }
      window.sets[window.length++] = octets;
      states.swap(next);
      ends = network_.close(states);
    }
    if (at.boundary) window.before = across_boundary(window.sets[0]);
    OctetChain outset;
    if (at.boundary) outset.add(window.before);
    Found found;
    if (bound > set_window) {
      auto chain = outset;
      for (std::size_t i = 0; i < window.length; ++i) chain.add(window.sets[i]);
      const double cost = set_window + chain.probability() * price_of_a_hit(at.offset);
      if (cost < bound) {
        bound = cost;
        found.emplace().cost = cost;
        found->windows.push_back(window);
      }
    }
    auto cheaper = grams(first, outset, window, bound);
    return cheaper ? std::move(cheaper) : std::move(found);
  }

  /// What must stand before a \b that `octets` follow.
  static OctetSet across_boundary(const OctetSet& octets) {
    if (!octets.meets(~word)) return ~word;
    return octets.meets(word) ? OctetSet::all() : word;
  }

  // ---- grams ----

  Found grams(const std::vector<std::uint32_t>& states, const OctetChain& outset,
              const PatternWindow& sets, double bound) {
    const auto length = std::min(sets.length, longest_gram);
    if (length < 2) return std::nullopt;
    double combinations = 1;
    for (std::size_t i = 0; i < length; ++i) combinations *= sets.sets[i].folded_down().size();
    if (combinations > most_combinations) return std::nullopt;
    grams_.clear();
    gram_cost_ = 0;
    bound_ = bound;
    hit_ = price_of_a_hit(sets.offset);
    reached_[0] = states;
    bool few = true;
    starts(0).each([&](std::uint8_t octet) {
      if (!few) return;
      step(0, octet);
      few = expand(outset.then(octet), octet, 1, length);
    });
    if (!few) return std::nullopt;
    PatternCover cover;
    cover.cost = gram_cost_;
    cover.windows.push_back(
        {.offset = sets.offset, .before = sets.before, .grams = grams_, .length = length});
    return cover;
  }

  /// All strings of `length` octets that begin with the `at` octets `so_far` and go on from
  /// reached_[at]; false if they are too many, or too dear.
  bool expand(OctetChain::Run run, std::uint32_t so_far, std::size_t at, std::size_t length) {
    if (at == length) return add_gram(so_far, length, run.probability);
    const auto octets = starts(at);
    if (static_cast<std::size_t>(octets.size()) > most_grams / 4) return false;
    bool few = true;
    octets.each([&](std::uint8_t octet) {
      if (!few) return;
      if (at + 1 < length) step(at, octet);
      few = expand(run.then(octet), so_far | static_cast<std::uint32_t>(octet) << (8 * at), at + 1,
                   length);
    });
    return few;
  }

  OctetSet starts(std::size_t at) const {
    OctetSet octets;
    for (const auto state : reached_[at]) octets |= network_.octets(state);
    return octets.folded_down();
  }

  /// From reached_[at] over `octet`.
  void step(std::size_t at, std::uint8_t octet) {
    auto& next = reached_[at + 1];
    next.clear();
    for (const auto state : reached_[at]) {
      const auto& set = network_.octets(state);
      if (set.has(octet) || set.has(other_case(octet))) next.push_back(network_.behind(state));
    }
    network_.close(next);
  }

  bool add_gram(std::uint32_t octets, std::size_t length, double probability) {
    grams_.push_back(octets);
    const bool known = is_common(octets, length);
    gram_cost_ += gram + hit_ * (known ? std::max(common, probability) : probability);
    return grams_.size() <= most_grams && gram_cost_ < bound_;
  }

  const PatternTree& tree_;
  std::vector<LengthRange> lengths_;
  PatternNetwork network_;
  std::size_t cuts_ = 0;
  // Of the grams of one window:
  std::vector<std::uint32_t> grams_;
  double gram_cost_ = 0;
  double bound_ = 0;
  double hit_ = 0;
  std::array<std::vector<std::uint32_t>, longest_gram> reached_;  // states, by octets so far
};

}  // namespace

std::optional<PatternCover> cover_of(const PatternTree& tree) {
  const auto unrolled = with_repeats_written_out(tree);
  return Choice(unrolled).run();
}

}  // namespace postern
