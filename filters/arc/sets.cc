#include "filters/arc/sets.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "gateway/base/bytes.h"

namespace postern::arc {
namespace {

using dkim::SignatureKind;

enum Part : std::uint8_t { results, message_signature, seal };
constexpr std::array<std::string_view, 3> field_names = {"ARC-Authentication-Results",
                                                         "ARC-Message-Signature", "ARC-Seal"};

struct Found {
  std::array<std::optional<std::size_t>, 3> fields;
  Set set;
};

std::string numbered(std::uint64_t instance, std::string what) {
  return "i=" + std::to_string(instance) + " " + std::move(what);
}

/// The number in front of an ARC-Authentication-Results (§4.1.1); 0 where there is none.
unsigned instance_of_results(std::string_view value) {
  const auto head = trim(value.substr(0, value.find(';')));
  const auto equals = head.find('=');
  if (equals == std::string_view::npos || head.size() == value.size()) return 0;
  if (!equals_ignoring_case(trim(head.substr(0, equals)), "i")) return 0;
  const auto number = parse_number(trim(head.substr(equals + 1)), dkim::most_instances);
  return static_cast<unsigned>(number.value_or(0));
}

class Collector {
 public:
  explicit Collector(const SplitMessage& message) : message_(message) {}

  Sets collect() {
    for (std::size_t i = 0; i < message_.fields.size(); ++i) {
      const auto name = std::ranges::find_if(field_names, [&](std::string_view known) {
        return equals_ignoring_case(known, message_.fields[i].name);
      });
      if (name == field_names.end()) continue;
      any_ = true;
      if (!add(i, static_cast<Part>(name - field_names.begin()))) break;
    }
    out_.instances = static_cast<unsigned>(found_.size());
    if (out_.problem.empty()) check();
    if (!out_.problem.empty()) return std::move(out_);
    for (auto& [instance, found] : found_) out_.sets.push_back(std::move(found.set));
    return std::move(out_);
  }

 private:
  bool wrong(std::string what) {
    if (out_.problem.empty()) out_.problem = std::move(what);
    return false;
  }

  bool add(std::size_t field, Part part) {
    const std::string_view value = message_.fields[field].value;
    dkim::ParsedSignature parsed;
    unsigned instance = 0;
    if (part == results) {
      instance = instance_of_results(value);
    } else {
      parsed = dkim::parse_signature(
          value, part == seal ? SignatureKind::arc_seal : SignatureKind::arc_message);
      instance = parsed.signature.instance;
    }
    const std::string name(field_names[part]);
    if (!parsed.judgement.open()) wrong(name + ": " + parsed.judgement.reason);
    if (instance == 0) return wrong(name + " without an instance");
    Found& found = found_[instance];
    if (found.fields[part]) return wrong(numbered(instance, name + " twice"));
    found.fields[part] = field;
    if (part == results) found.set.results = field;
    if (part == message_signature) {
      found.set.message = field;
      found.set.message_signature = std::move(parsed.signature);
    } else if (part == seal) {
      found.set.seal = field;
      found.set.seal_signature = std::move(parsed.signature);
    }
    return true;
  }

  /// §5.2: whole sets, numbered without a gap, each but the first built upon a pass.
  void check() {
    unsigned expected = 1;
    for (const auto& [instance, found] : found_) {
      if (instance != expected++) return void(wrong("an instance is missing"));
      for (std::size_t part = 0; part < field_names.size(); ++part) {
        if (!found.fields[part])
          return void(wrong(numbered(instance, "no " + std::string(field_names[part]))));
      }
      const std::string& chain = found.set.seal_signature.chain;
      if (chain != (instance == 1 ? "none" : "pass"))
        return void(wrong(numbered(instance, "cv=" + printable(chain, 10))));
    }
    if (any_ && found_.empty()) wrong("no instance");
  }

  const SplitMessage& message_;
  std::map<unsigned, Found> found_;
  bool any_ = false;
  Sets out_;
};

}  // namespace

Sets find_sets(const SplitMessage& message) { return Collector(message).collect(); }

}  // namespace postern::arc
