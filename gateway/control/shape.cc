#include "gateway/control/shape.h"

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>

#include "gateway/control/rows.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

namespace json = boost::json;

/// Minutes: a message stands in the first column that it is younger than, or in the last.
constexpr std::array<int, 9> limits{5, 10, 20, 40, 80, 160, 320, 640, 1280};
/// Distinct rows that memory is spent on. What is worth a look is among the first of so many, since
/// the queue is seen in no order; the rest is counted together.
constexpr std::size_t most_rows = 1U << 16;
constexpr std::string_view others = "(others)";
/// Keys above are not remembered: their owner would have to be counted by name.
constexpr std::uint32_t largest_key = 1U << 25;

constexpr std::array<std::string_view, 4> names{"destination", "sender", "client", "reason"};

std::string column_name(std::size_t column) {
  return column < limits.size() ? std::to_string(limits[column])
                                : std::to_string(limits.back()) + "+";
}

}  // namespace

std::optional<Shape::By> Shape::by_name(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<By>(found - names.begin());
}

std::uint64_t Shape::Row::total() const {
  return std::accumulate(ages.begin(), ages.end(), std::uint64_t{0});
}

std::size_t Shape::column_of(WallTime arrival) const {
  const auto age = now_ - arrival;
  std::size_t column = 0;
  while (column < limits.size() && age >= std::chrono::minutes(limits[column])) ++column;
  return column;
}

std::uint32_t Shape::row_of(std::string_view key) {
  if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
  if (rows_.size() >= most_rows && key != others) return row_of(others);
  const auto number = static_cast<std::uint32_t>(rows_.size());
  rows_.push_back({std::string(key), {}, 0});
  numbers_.emplace(key, number);
  return number;
}

void Shape::count(std::uint32_t row, std::size_t column) {
  Row& counted = rows_[row];
  if (std::exchange(counted.last, total_) != total_) ++counted.ages[column];
}

void Shape::add_destinations(const MessageSummary& message, std::size_t column) {
  const std::uint32_t key = message.recipients_key;
  if (key < known_.size() && known_[key] != 0) return count(known_[key] - 1, column);
  std::string_view rest = message.recipients;
  std::uint32_t only = 0;
  std::size_t domains = 0;
  while (!rest.empty()) {
    const auto address = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), address.size() + 1));
    const std::uint32_t row = row_of(domain_of(address));
    if (domains == 0 || row != only) ++domains;
    only = row;
    count(row, column);
  }
  if (domains != 1 || key == 0 || key > largest_key) return;
  if (key >= known_.size()) known_.resize(std::max<std::size_t>(key + 1, 2 * known_.size()));
  known_[key] = only + 1;
}

void Shape::add(const MessageSummary& message, std::string_view reason) {
  ++total_;
  const std::size_t column = column_of(message.arrival);
  ++all_[column];
  switch (by_) {
    case By::destination:
      return add_destinations(message, column);
    case By::sender:
      return count(row_of(message.sender.empty() ? "<>" : message.sender), column);
    case By::client:
      return count(row_of(message.client), column);
    case By::reason:
      return count(row_of(reason), column);
  }
}

std::vector<const Shape::Row*> Shape::largest(std::size_t top) const {
  std::vector<std::pair<std::uint64_t, const Row*>> order;
  order.reserve(rows_.size());
  for (const Row& row : rows_) order.emplace_back(row.total(), &row);
  const auto wanted = order.begin() + static_cast<std::ptrdiff_t>(std::min(top, order.size()));
  std::ranges::partial_sort(order, wanted, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second->key < b.second->key;
  });
  std::vector<const Row*> out;
  for (auto each = order.begin(); each != wanted; ++each) out.push_back(each->second);
  return out;
}

std::string Shape::table(std::size_t top) const {
  std::string out = "#" + std::string(names[static_cast<std::size_t>(by_)]) + "\tT";
  for (std::size_t i = 0; i < columns; ++i) out += '\t' + column_name(i);
  out += '\n';
  const auto row = [&out](std::string_view key, std::uint64_t total, const Ages& ages) {
    append_cell(out, key);
    append_number(out, total);
    for (std::size_t i = 0; i < columns; ++i)
      append_number(out, ages[i], i + 1 < columns ? '\t' : '\n');
  };
  row("TOTAL", total_, all_);
  for (const Row* each : largest(top)) row(each->key, each->total(), each->ages);
  return out;
}

std::string Shape::json_lines(std::size_t top) const {
  std::string out;
  const auto line = [&, this](std::string_view key, std::uint64_t total, const Ages& ages) {
    json::object object;
    object[names[static_cast<std::size_t>(by_)]] = utf8_or_escaped(key);
    object["T"] = total;
    for (std::size_t i = 0; i < columns; ++i) object[column_name(i)] = ages[i];
    out += json::serialize(object) + '\n';
  };
  line("TOTAL", total_, all_);
  for (const Row* each : largest(top)) line(each->key, each->total(), each->ages);
  return out;
}

}  // namespace postern
