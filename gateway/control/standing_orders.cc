#include "gateway/control/standing_orders.h"

#include <array>
#include <boost/json.hpp>

#include "gateway/base/log.h"

namespace postern {
namespace {

namespace json = boost::json;

constexpr Event broken{
    "standing-orders-broken", Level::error,
    "orders.json in spool_directory could not be understood and was set aside as "
    "orders.json.broken: suspensions and storm orders are not in force. Give them again."};

const std::string file_name = "orders.json";
const std::string new_name = "orders.json.new";
const std::string broken_name = "orders.json.broken";
constexpr std::int64_t format_version = 1;
/// A few hundred orders of a few hundred octets.
constexpr std::size_t longest_file = 1U << 20;
constexpr std::size_t deepest = 8;
/// The year 2200: an end beyond it is no end, and does not fit the scheduler's nanoseconds.
constexpr std::int64_t latest = 7'258'118'400;

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::ceil<seconds>(time.time_since_epoch()).count();
}

json::array write_suspensions(const std::vector<Suspension>& suspensions) {
  json::array out;
  for (const Suspension& each : suspensions) {
    json::object one;
    one["of"] = each.of == Suspension::Of::sender ? "sender" : "destination";
    one["pattern"] = each.pattern;
    one["until"] = epoch_seconds(each.until);
    one["why"] = each.reason;
    out.push_back(std::move(one));
  }
  return out;
}

const json::string* text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value ? value->if_string() : nullptr;
}

Result<std::vector<Suspension>> read_suspensions(const json::value& section) {
  const json::array* all = section.if_array();
  if (!all) return fail(std::errc::invalid_argument, "\"suspensions\" is no list");
  std::vector<Suspension> out;
  for (const json::value& each : *all) {
    const json::object* one = each.if_object();
    const json::string* of = one ? text_at(*one, "of") : nullptr;
    const json::string* pattern = one ? text_at(*one, "pattern") : nullptr;
    const json::string* why = one ? text_at(*one, "why") : nullptr;
    const json::value* until = one ? one->if_contains("until") : nullptr;
    if (!of || (*of != "sender" && *of != "destination") || !pattern || !why || !until ||
        !until->is_int64() || until->as_int64() < 0 || until->as_int64() > latest) {
      return fail(std::errc::invalid_argument, "a suspension wants of, pattern, until and why");
    }
    out.push_back({*of == "sender" ? Suspension::Of::sender : Suspension::Of::destination,
                   std::string(*pattern), WallTime(seconds(until->as_int64())), std::string(*why)});
  }
  return out;
}

}  // namespace

std::string write_orders(const Orders& orders) {
  json::object out;
  out["v"] = format_version;
  out["suspensions"] = write_suspensions(orders.suspensions);
  if (orders.storm) out["storm"] = write_storm(*orders.storm);
  return json::serialize(out) + "\n";
}

Result<Orders> read_orders(std::string_view text) {
  if (text.size() > longest_file) return fail(std::errc::file_too_large, "longer than 1 MiB");
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = deepest;
  const json::value value = json::parse(text, error, {}, options);
  const json::object* object = error ? nullptr : value.if_object();
  if (!object) return fail(std::errc::invalid_argument, "no JSON object");
  const json::value* version = object->if_contains("v");
  if (!version || !version->is_int64() || version->as_int64() != format_version)
    return fail(std::errc::invalid_argument, "not of version 1");
  Orders out;
  for (const auto& section : *object) {
    if (section.key() == "v") continue;
    if (section.key() == "suspensions") {
      TRY(out.suspensions, read_suspensions(section.value()));
    } else if (section.key() == "storm") {
      TRY(out.storm, read_storm(section.value()));
    } else {
      return fail(std::errc::invalid_argument,
                  "unknown section \"" + std::string(section.key()) + "\"");
    }
  }
  return out;
}

void StandingOrders::load() {
  auto file = disk_->open(file_name);
  if (!file && file.error().code == std::errc::no_such_file_or_directory) return;
  auto orders = [&]() -> Result<Orders> {
    if (!file) return std::unexpected(file.error());
    TRY(const std::string text, (*file)->read(0, longest_file + 1));
    return read_orders(text);
  }();
  if (orders) {
    orders_ = *std::move(orders);
    return;
  }
  log(broken, {{"error", orders.error().what}});
  // Where even that fails the next save replaces it.
  if (disk_->rename(file_name, broken_name)) (void)disk_->sync_directory(".");
}

Task<Result<>> StandingOrders::save() {
  const std::uint64_t number = ++saves_;
  std::string text = write_orders(orders_);
  co_return co_await files_.run(
      loop_, [this, number, text = std::move(text)] { return write(number, text); });
}

/// On a file thread. Of two saves at once the later one may come first; it has the other's change,
/// too, so there is nothing left to write.
Result<> StandingOrders::write(std::uint64_t number, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (number <= written_) return {};
  (void)disk_->remove(new_name);  // a crash may have left it
  TRY(const auto file, disk_->create(new_name));
  const std::array<std::string_view, 1> pieces{text};
  TRY(file->write(0, pieces));
  TRY(file->sync());
  TRY(disk_->rename(new_name, file_name));
  TRY(disk_->sync_directory("."));
  written_ = number;
  return {};
}

}  // namespace postern
