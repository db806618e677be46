#include <fcntl.h>

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <stdexcept>

// The only file that sees toml++: its templates take seconds, and its exceptions stay in here.
// Some typing errors break its own assertions instead of being reported (found by config_fuzz);
// an administrator must get a message then, not a core.
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#define TOML_ASSERT(expression) \
  static_cast<void>((expression) || (throw std::logic_error("not TOML near here"), false))
#include <toml++/toml.h>

#include "gateway/base/bytes.h"
#include "gateway/base/config.h"
#include "gateway/base/config_units.h"
#include "gateway/base/unique_fd.h"

namespace postern {
namespace {

// A configuration is written by hand. More than this is another file, or a device.
constexpr std::size_t longest_file = 16 * 1024 * 1024;

std::string place(const std::string& file, toml::source_position position) {
  return fmt::format("{}:{}:{}", file, position.line, position.column);
}

/// What is shared by the readers of all tables of a file. Problems are in the order of the file,
/// which is the order in which they are mended.
struct Findings {
  std::string file;
  std::multimap<std::pair<std::uint32_t, std::uint32_t>, std::string> entries;

  void add(toml::source_position position, std::string what) {
    entries.emplace(std::pair(position.line, position.column), std::move(what));
  }

  std::vector<Problem> problems() const {
    std::vector<Problem> out;
    for (const auto& [position, what] : entries) {
      out.push_back({place(file, {position.first, position.second}), what});
    }
    return out;
  }
};

std::string found_text(const toml::node& node) {
  if (const auto text = node.value_exact<std::string_view>()) {
    return fmt::format("the text \"{}\"", printable(*text));
  }
  if (const auto number = node.value_exact<std::int64_t>())
    return fmt::format("the number {}", *number);
  if (const auto number = node.value_exact<double>()) return fmt::format("the number {}", *number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  return "a date or time";
}

class Reader final : public Keys {
 public:
  /// `table` is null where the file has no such table: every key then keeps its default.
  Reader(Findings& findings, const toml::table* table, toml::source_position position,
         std::string path, bool in_array)
      : findings_(findings),
        table_(table),
        position_(position),
        path_(std::move(path)),
        in_array_(in_array) {}

  /// Calls `describe`; what it did not ask for, nobody knows.
  void read(const Describe& describe) {
    describe(*this);
    if (!table_) return;
    for (const auto& [key, node] : *table_) {
      if (std::ranges::find(known_, key.str()) == known_.end()) report_unknown(key);
    }
  }

  void flag(std::string_view name, bool& value, std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    const auto found = node->value_exact<bool>();
    if (!found) return wrong_type(name, *node, "true or false is wanted, without quotes");
    value = *found;
  }

  void integer(std::string_view name, std::int64_t& value, std::int64_t least, std::int64_t most,
               std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    const auto found = node->value_exact<std::int64_t>();
    if (!found)
      return wrong_type(name, *node, "a whole number is wanted, for example " + spell(value));
    set_within(name, value, *found, least, most);
  }

  void real(std::string_view name, double& value, double least, double most,
            std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    auto found = node->value_exact<double>();
    if (const auto whole = node->value_exact<std::int64_t>()) found = static_cast<double>(*whole);
    if (!found || std::isnan(*found)) {
      return wrong_type(name, *node, "a number is wanted, for example " + spell(value));
    }
    set_within(name, value, *found, least, most);
  }

  void duration(std::string_view name, milliseconds& value, milliseconds least, milliseconds most,
                std::string_view) override {
    constexpr auto most_seconds = milliseconds::max().count() / 1000;
    const auto* node = visit(name);
    if (!node) return;
    if (const auto number = node->value_exact<std::int64_t>()) {
      const auto whole = std::clamp(*number, -most_seconds, most_seconds);
      return set_within(name, value, milliseconds(whole * 1000), least, most);
    }
    const auto text = node->value_exact<std::string_view>();
    if (!text) {
      return wrong_type(name, *node,
                        "a duration is wanted, for example " + toml_string(spell(value)));
    }
    const auto found = parse_duration(*text);
    if (!found) return problem(name, fmt::format("'{}': {}", name, found.error().what));
    set_within(name, value, *found, least, most);
  }

  void size(std::string_view name, std::uint64_t& value, std::uint64_t least, std::uint64_t most,
            std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    if (const auto number = node->value_exact<std::int64_t>()) {
      if (*number < 0) return out_of_bounds(name, spell(*number), spell_bounds(least, most));
      return set_within(name, value, static_cast<std::uint64_t>(*number), least, most);
    }
    const auto text = node->value_exact<std::string_view>();
    if (!text) {
      return wrong_type(name, *node, "a size is wanted, for example " + toml_string(spell(value)));
    }
    const auto found = parse_size(*text);
    if (!found) return problem(name, fmt::format("'{}': {}", name, found.error().what));
    set_within(name, value, *found, least, most);
  }

  void text(std::string_view name, std::string& value, std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    const auto found = node->value_exact<std::string_view>();
    if (!found) return wrong_type(name, *node, "a text is wanted, in quotes");
    value = *found;
  }

  void choice(std::string_view name, std::string& value, const std::vector<std::string>& allowed,
              std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    const auto found = node->value_exact<std::string_view>();
    if (found && std::ranges::find(allowed, *found) != allowed.end()) {
      value = *found;
      return;
    }
    std::vector<std::string> quoted;
    for (const auto& one : allowed) quoted.push_back(toml_string(one));
    wrong_type(name, *node, fmt::format("one of {} is wanted", fmt::join(quoted, ", ")));
  }

  void list(std::string_view name, std::vector<std::string>& value, std::string_view) override {
    static constexpr auto wanted = "texts in brackets are wanted, for example [\"one\", \"two\"]";
    const auto* node = visit(name);
    if (!node) return;
    if (const auto text = node->value_exact<std::string>()) {
      value = {*text};
      return;
    }
    const auto* array = node->as_array();
    if (!array) return wrong_type(name, *node, wanted);
    std::vector<std::string> found;
    for (const auto& element : *array) {
      const auto text = element.value_exact<std::string>();
      if (!text) {
        findings_.add(element.source().begin, fmt::format("an element of '{}' is {}, but {}", name,
                                                          found_text(element), wanted));
        return;
      }
      found.push_back(*text);
    }
    value = std::move(found);
  }

  void table(std::string_view name, const Describe& describe, std::string_view) override {
    const auto* node = visit(name);
    const auto* inner = node ? node->as_table() : nullptr;
    if (node && !inner) {
      const auto wanted = fmt::format("a table is wanted: [{}], its keys below", path_of(name));
      wrong_type(name, *node, wanted);
    }
    Reader(findings_, inner, position_of(name), path_of(name), false).read(describe);
  }

  void tables(std::string_view name, const Describe& describe, std::string_view) override {
    const auto* node = visit(name);
    if (!node) return;
    const auto wanted =
        fmt::format("tables are wanted: [[{}]] for each, its keys below", path_of(name));
    const auto* array = node->as_array();
    if (!array) return wrong_type(name, *node, wanted);
    for (const auto& element : *array) {
      const auto position = element.source().begin;
      if (const auto* inner = element.as_table()) {
        Reader(findings_, inner, position, path_of(name), true).read(describe);
      } else {
        findings_.add(position, fmt::format("an element of '{}' is {}, but {}", name,
                                            found_text(element), wanted));
      }
    }
  }

  std::string where(std::string_view name) const override {
    return place(findings_.file, position_of(name));
  }

  void problem(std::string_view name, std::string what) override {
    findings_.add(position_of(name), std::move(what));
  }

 private:
  const toml::node* visit(std::string_view name) {
    known_.emplace_back(name);
    return table_ ? table_->get(name) : nullptr;
  }

  toml::source_position position_of(std::string_view name) const {
    if (!table_) return position_;
    const auto found = table_->find(name);
    return found == table_->end() ? position_ : found->first.source().begin;
  }

  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  void report_unknown(const toml::key& key) {
    std::string what = fmt::format("unknown key '{}'", printable(key.str()));
    if (path_.empty()) {
      what += " at the top level";
    } else {
      what += " in table " + (in_array_ ? "[[" + path_ + "]]" : '[' + path_ + ']');
    }
    if (const auto meant = nearest(key.str(), known_))
      what += fmt::format("; did you mean '{}'?", *meant);
    findings_.add(key.source().begin, std::move(what));
  }

  void wrong_type(std::string_view name, const toml::node& node, std::string_view wanted) {
    problem(name, fmt::format("'{}' is {}, but {}", name, found_text(node), wanted));
  }

  void out_of_bounds(std::string_view name, const std::string& found, const std::string& bounds) {
    problem(name, fmt::format("'{}' is {}, out of bounds: it must be {}", name, found, bounds));
  }

  template <class Value>
  void set_within(std::string_view name, Value& value, Value found, Value least, Value most) {
    if (found < least || found > most) {
      return out_of_bounds(name, spell(found), spell_bounds(least, most));
    }
    value = found;
  }

  Findings& findings_;
  const toml::table* table_;
  toml::source_position position_;
  std::string path_;
  bool in_array_;
  std::vector<std::string> known_;
};

Result<std::string> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open the configuration file " + path);
  std::string text;
  std::string piece(64 * 1024, '\0');
  for (;;) {
    const auto n = ::read(file.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot read the configuration file " + path);
    if (n == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(n));
    if (text.size() > longest_file) {
      return fail(std::errc::file_too_large,
                  fmt::format("the configuration file {} is larger than {}", path,
                              format_size(longest_file)));
    }
  }
}

}  // namespace

std::vector<Problem> read_config(const std::string& path, const Keys::Describe& describe) {
  const auto text = read_file(path);
  if (!text) return {{path, text.error().what}};
  return read_config_text(*text, path, describe);
}

std::vector<Problem> read_config_text(std::string_view text, const std::string& name,
                                      const Keys::Describe& describe) {
  toml::table document;
  try {
    document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return {{place(name, error.source().begin), std::string(error.description())}};
  } catch (const std::logic_error&) {
    return {
        {name,
         "this is not TOML, in a way that even its parser did not expect: look for stray quotes, "
         "brackets and control characters"}};
  }
  Findings findings{name, {}};
  Reader(findings, &document, {1, 1}, "", false).read(describe);
  return findings.problems();
}

}  // namespace postern
