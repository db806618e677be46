#include "policies/cidr_map.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "gateway/base/bytes.h"
#include "policies/map_source.h"
#include "policies/network.h"

namespace postern {
namespace {

struct Rule {
  Network network;
  bool negated = false;
  bool is_if = false;
  std::uint32_t after = 0;  // of an if: the rule behind its block
  std::string result;
  std::size_t line = 0;

  bool matches(const IpAddress& address) const { return network.contains(address) != negated; }
};

/// Plain rules outside of any block, by family and length, sorted by prefix.
struct LengthIndex {
  bool v4 = true;
  unsigned length = 0;
  std::vector<std::pair<IpAddress, std::uint32_t>> prefixes;
};

class CidrMap final : public Map {
 public:
  CidrMap(std::string name, std::string file, std::vector<Rule> rules,
          const std::vector<std::uint32_t>& plain, std::vector<std::uint32_t> ordered)
      : Map(std::move(name)),
        file_(std::move(file)),
        rules_(std::move(rules)),
        ordered_(std::move(ordered)) {
    std::map<std::pair<bool, unsigned>, LengthIndex> by_length;
    for (const std::uint32_t number : plain) {
      const Network& network = rules_[number].network;
      LengthIndex& index = by_length[{network.address.is_v4(), network.length}];
      index.v4 = network.address.is_v4();
      index.length = network.length;
      index.prefixes.emplace_back(network.address, number);
    }
    for (auto& [key, index] : by_length) {
      std::sort(index.prefixes.begin(), index.prefixes.end());
      indexes_.push_back(std::move(index));
    }
  }

  Found find(std::string_view key) const override {
    const auto address = IpAddress::parse(key);
    if (!address) return std::nullopt;
    std::uint32_t best = first_plain(*address);
    best = first_ordered(*address, best);
    if (best == none) return std::nullopt;
    return rules_[best].result;
  }
  bool searches_whole_key() const override { return true; }
  std::size_t size() const override { return rules_.size(); }
  void each_value(const Visit& visit) const override {
    for (const Rule& rule : rules_) {
      if (!rule.is_if) visit(file_ + ":" + std::to_string(rule.line), rule.result);
    }
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;

  std::uint32_t first_plain(const IpAddress& address) const {
    std::uint32_t best = none;
    for (const LengthIndex& index : indexes_) {
      if (index.v4 != address.is_v4()) continue;
      const IpAddress prefix = address.prefix(index.length);
      const auto found = std::lower_bound(index.prefixes.begin(), index.prefixes.end(),
                                          std::pair(prefix, std::uint32_t{0}));
      if (found != index.prefixes.end() && found->first == prefix) {
        best = std::min(best, found->second);
      }
    }
    return best;
  }

  /// Negated rules and blocks, one after the other, as far as they stand before `best`.
  std::uint32_t first_ordered(const IpAddress& address, std::uint32_t best) const {
    std::uint32_t skip_to = 0;
    for (const std::uint32_t number : ordered_) {
      if (number >= best) break;
      if (number < skip_to) continue;
      const Rule& rule = rules_[number];
      const bool matches = rule.matches(address);
      if (rule.is_if && !matches) skip_to = rule.after;
      if (!rule.is_if && matches) return number;
    }
    return best;
  }

  std::string file_;
  std::vector<Rule> rules_;
  std::vector<LengthIndex> indexes_;
  std::vector<std::uint32_t> ordered_;
};

class Parser {
 public:
  explicit Parser(SourceLines& lines) : lines_(lines) {}

  void add(const SourceLine& line) {
    const std::string_view text = line.text;
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view first = text.substr(0, end);
    const std::string_view rest = trim(text.substr(end));
    if (equals_ignoring_case(first, "endif")) {
      close(line.number, rest);
    } else if (equals_ignoring_case(first, "if")) {
      open(line.number, rest);
    } else {
      add_rule(line.number, first, rest);
    }
  }

  void finish() {
    for (const std::uint32_t number : blocks_) {
      if (number != refused) {
        rules_[number].after = next_number();
        lines_.problem(rules_[number].line, "this if has no endif");
      }
    }
  }

  std::shared_ptr<const Map> map(std::string name, const std::string& file) {
    return std::make_shared<CidrMap>(std::move(name), file, std::move(rules_), plain_,
                                     std::move(ordered_));
  }

 private:
  static constexpr std::uint32_t refused = UINT32_MAX;

  std::uint32_t next_number() const { return static_cast<std::uint32_t>(rules_.size()); }

  bool parse(std::size_t number, std::string_view text, Rule& rule) {
    rule.line = number;
    while (text.starts_with('!')) {
      rule.negated = !rule.negated;
      text = trim(text.substr(1));
    }
    auto network = Network::parse(text);
    if (!network) {
      lines_.problem(number, network.error().what);
      return false;
    }
    rule.network = *network;
    return true;
  }

  void open(std::size_t number, std::string_view text) {
    Rule rule;
    rule.is_if = true;
    const bool good = parse(number, text, rule);
    blocks_.push_back(good ? next_number() : refused);
    if (!good) return;
    ordered_.push_back(next_number());
    rules_.push_back(std::move(rule));
  }

  void close(std::size_t number, std::string_view rest) {
    if (!rest.empty()) lines_.problem(number, "text behind endif: remove it");
    if (blocks_.empty()) {
      lines_.problem(number, "endif without an if before it");
      return;
    }
    if (blocks_.back() != refused) rules_[blocks_.back()].after = next_number();
    blocks_.pop_back();
  }

  void add_rule(std::size_t number, std::string_view network, std::string_view result) {
    Rule rule;
    if (!parse(number, network, rule)) return;
    if (result.empty()) {
      lines_.problem(number, "the network has no result: write network, white space, result");
      return;
    }
    rule.result = result;
    (blocks_.empty() && !rule.negated ? plain_ : ordered_).push_back(next_number());
    rules_.push_back(std::move(rule));
  }

  SourceLines& lines_;
  std::vector<Rule> rules_;
  std::vector<std::uint32_t> plain_;
  std::vector<std::uint32_t> ordered_;
  std::vector<std::uint32_t> blocks_;  // the ifs that are open
};

}  // namespace

std::shared_ptr<const Map> parse_cidr_map(std::string_view source, std::string name,
                                          const std::string& file, std::vector<Problem>& problems) {
  SourceLines lines(source, file, problems);
  Parser parser(lines);
  SourceLine line;
  while (lines.next(line)) parser.add(line);
  parser.finish();
  return parser.map(std::move(name), file);
}

}  // namespace postern
