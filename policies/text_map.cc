#include "policies/text_map.h"

#include <array>
#include <cstring>
#include <functional>

#include "gateway/base/bytes.h"
#include "policies/map_source.h"

namespace postern {
namespace {

using Prefix = std::array<std::uint32_t, 3>;  // key length, value length, line

class TextMap final : public Map {
 public:
  TextMap(std::string name, std::string file, CompactTable table)
      : Map(std::move(name)), file_(std::move(file)), table_(std::move(table)) {}

  Found find(std::string_view key) const override {
    const auto value = table_.find(to_lower(key));
    if (!value) return std::nullopt;
    return std::string(*value);
  }
  bool searches_whole_key() const override { return false; }
  std::size_t size() const override { return table_.size(); }
  void each_value(const Visit& visit) const override {
    std::size_t cursor = 0;
    while (const auto entry = table_.next(cursor)) {
      visit(entry->line == 0 ? file_ : file_ + ":" + std::to_string(entry->line), entry->value);
    }
  }

 private:
  std::string file_;
  CompactTable table_;
};

/// Where the key ends: at the first blank outside of double quotes; nothing if a quote stays open.
std::optional<std::size_t> end_of_key(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (is_space(line[i]) && !quoted) {
      return i;
    }
  }
  if (quoted) return std::nullopt;
  return line.size();
}

void add_line(CompactTable& table, SourceLines& lines, const SourceLine& line) {
  const auto end = end_of_key(line.text);
  if (!end) {
    lines.problem(line.number, "a double quote is opened and not closed");
    return;
  }
  const std::string key = to_lower(line.text.substr(0, *end));
  const std::string_view value = trim(std::string_view(line.text).substr(*end));
  if (value.empty()) {
    lines.problem(line.number, "the entry for \"" + printable(key) +
                                   "\" has no value: write key, white space, value");
  } else if (key.ends_with(':')) {
    lines.problem(line.number, "\"" + printable(key) + "\" ends in a colon, as in a file of " +
                                   "aliases: write key, white space, value");
  } else {
    switch (table.add(key, value, static_cast<std::uint32_t>(line.number))) {
      case CompactTable::Added::yes:
        return;
      case CompactTable::Added::duplicate:
        lines.problem(line.number, "a second entry for \"" + printable(key) +
                                       "\", the first one counts: remove one");
        return;
      case CompactTable::Added::full:
        lines.problem(line.number, "the table is larger than 4 GiB: use lmdb:");
        return;
    }
  }
}

/// One element of an inline table: up to a comma or blank, or within balanced braces.
Result<std::string_view> take_element(std::string_view& rest) {
  if (rest.front() != '{') {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != ',' && !is_space(rest[end])) ++end;
    const std::string_view element = rest.substr(0, end);
    rest.remove_prefix(end);
    return element;
  }
  std::size_t depth = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '{') ++depth;
    if (rest[i] == '}' && --depth == 0) {
      const std::string_view element = trim(rest.substr(1, i - 1));
      rest.remove_prefix(i + 1);
      return element;
    }
  }
  return fail(std::errc::invalid_argument, "a brace is opened and not closed");
}

Result<> add_element(CompactTable& table, std::string_view element) {
  const std::size_t equals = element.find('=');
  const std::string_view key = trim(element.substr(0, equals));
  if (equals == std::string_view::npos || key.empty()) {
    return fail(std::errc::invalid_argument,
                "\"" + printable(element) + "\" is not of the form key=value; put { } around a " +
                    "pair that contains blanks or commas");
  }
  if (table.add(to_lower(key), trim(element.substr(equals + 1)), 0) != CompactTable::Added::yes) {
    return fail(std::errc::invalid_argument, "\"" + printable(key) + "\" is given twice");
  }
  return {};
}

Result<CompactTable> parse_elements(std::string_view argument) {
  std::string_view rest = trim(argument);
  if (rest.size() < 2 || rest.front() != '{' || rest.back() != '}') {
    return fail(std::errc::invalid_argument, "write the entries in braces: inline:{key=value}");
  }
  rest = rest.substr(1, rest.size() - 2);
  CompactTable table;
  while (true) {
    while (!rest.empty() && (rest.front() == ',' || is_space(rest.front()))) rest.remove_prefix(1);
    if (rest.empty()) break;
    TRY(const auto element, take_element(rest));
    TRY(add_element(table, element));
  }
  if (table.size() == 0) return fail(std::errc::invalid_argument, "the table is empty");
  return table;
}

}  // namespace

CompactTable::Entry CompactTable::entry_at(std::size_t offset) const {
  Prefix prefix{};
  std::memcpy(prefix.data(), text_.data() + offset, sizeof prefix);
  const std::string_view text = std::string_view(text_).substr(offset + sizeof prefix);
  return {text.substr(0, prefix[0]), text.substr(prefix[0], prefix[1]), prefix[2]};
}

/// The slot that holds the key, or the empty one where it would go.
std::size_t CompactTable::slot_of(std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(key)&mask;
  while (slots_[slot] != 0 && entry_at(slots_[slot] - 1).key != key) slot = (slot + 1) & mask;
  return slot;
}

void CompactTable::grow() {
  slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, 0);
  std::size_t cursor = 0;
  for (std::size_t offset = 0; const auto entry = next(cursor); offset = cursor) {
    slots_[slot_of(entry->key)] = static_cast<std::uint32_t>(offset + 1);
  }
}

CompactTable::Added CompactTable::add(std::string_view key, std::string_view value,
                                      std::uint32_t line) {
  if (key.size() + value.size() + sizeof(Prefix) + text_.size() >= UINT32_MAX) return Added::full;
  if ((size_ + 1) * 3 > slots_.size() * 2) grow();
  const std::size_t slot = slot_of(key);
  if (slots_[slot] != 0) return Added::duplicate;

  slots_[slot] = static_cast<std::uint32_t>(text_.size() + 1);
  const Prefix prefix = {static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(value.size()), line};
  text_.append(reinterpret_cast<const char*>(prefix.data()), sizeof prefix);
  text_.append(key).append(value);
  ++size_;
  return Added::yes;
}

std::optional<std::string_view> CompactTable::find(std::string_view key) const {
  if (size_ == 0) return std::nullopt;
  const std::uint32_t found = slots_[slot_of(key)];
  if (found == 0) return std::nullopt;
  return entry_at(found - 1).value;
}

std::optional<CompactTable::Entry> CompactTable::next(std::size_t& cursor) const {
  if (cursor >= text_.size()) return std::nullopt;
  const Entry entry = entry_at(cursor);
  cursor += sizeof(Prefix) + entry.key.size() + entry.value.size();
  return entry;
}

std::shared_ptr<const Map> parse_text_map(std::string_view source, std::string name,
                                          const std::string& file, std::vector<Problem>& problems) {
  CompactTable table;
  SourceLines lines(source, file, problems);
  SourceLine line;
  while (lines.next(line)) add_line(table, lines, line);
  return std::make_shared<TextMap>(std::move(name), file, std::move(table));
}

Result<std::shared_ptr<const Map>> parse_inline_map(std::string_view argument, std::string name) {
  auto table = parse_elements(argument);
  if (!table) return fail_at(printable(name), std::move(table).error());
  std::string place = name;
  return std::make_shared<TextMap>(std::move(name), std::move(place), std::move(*table));
}

}  // namespace postern
