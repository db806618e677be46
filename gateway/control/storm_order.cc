#include "gateway/control/storm_order.h"

#include <boost/json.hpp>

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::size_t most_clients = 1024;

const json::string* text_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? value->if_string() : nullptr;
}

const json::array* list_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

Result<StormOrder::Done> read_step(const json::value& value) {
  const json::object* object = value.if_object();
  const json::string* name = object ? text_in(*object, "step") : nullptr;
  const auto step = name ? step_named(std::string_view(*name)) : std::nullopt;
  const json::value* messages = object ? object->if_contains("messages") : nullptr;
  if (!step || !messages || !messages->is_int64() || messages->as_int64() < 0)
    return fail(std::errc::invalid_argument, "a step of a storm wants step and messages");
  return StormOrder::Done{*step, static_cast<std::uint64_t>(messages->as_int64())};
}

Result<UsualRates::Known> read_client(const json::value& value) {
  const json::object* object = value.if_object();
  const json::string* client = object ? text_in(*object, "client") : nullptr;
  const json::value* usual = object ? object->if_contains("usual") : nullptr;
  if (!client || !usual || !usual->is_number())
    return fail(std::errc::invalid_argument, "a client of a storm wants client and usual");
  return UsualRates::Known{std::string(*client), usual->to_number<double>()};
}

}  // namespace

json::value write_storm(const StormOrder& order) {
  json::object out;
  out["preset"] = name_of(order.preset);
  out["why"] = order.why;
  out["since"] = std::chrono::floor<seconds>(order.since.time_since_epoch()).count();
  out["ending"] = order.ending;
  json::array steps;
  for (const auto& [step, messages] : order.steps) {
    json::object one;
    one["step"] = name_of(step);
    one["messages"] = static_cast<std::int64_t>(messages);
    steps.push_back(std::move(one));
  }
  out["steps"] = std::move(steps);
  json::array usual;
  for (const auto& [client, rate] : order.usual) {
    json::object one;
    one["client"] = client;
    one["usual"] = rate;
    usual.push_back(std::move(one));
  }
  out["usual"] = std::move(usual);
  return out;
}

Result<StormOrder> read_storm(const json::value& section) {
  const json::object* object = section.if_object();
  if (!object) return fail(std::errc::invalid_argument, "\"storm\" is no object");
  const json::string* name = text_in(*object, "preset");
  const auto preset = name ? preset_named(std::string_view(*name)) : std::nullopt;
  const json::string* why = text_in(*object, "why");
  const json::value* since = object->if_contains("since");
  const json::value* ending = object->if_contains("ending");
  const json::array* steps = list_in(*object, "steps");
  const json::array* usual = list_in(*object, "usual");
  if (!preset || !why || !since || !since->is_int64() || !ending || !ending->is_bool() || !steps ||
      !usual || usual->size() > most_clients) {
    return fail(std::errc::invalid_argument,
                "a storm wants preset, why, since, ending, steps and usual");
  }
  StormOrder order;
  order.preset = *preset;
  order.why = std::string(*why);
  order.since = WallTime(seconds(since->as_int64()));
  order.ending = ending->as_bool();
  for (const json::value& each : *steps) {
    TRY(const auto step, read_step(each));
    order.steps.push_back(step);
  }
  for (const json::value& each : *usual) {
    TRY(auto client, read_client(each));
    order.usual.push_back(std::move(client));
  }
  return order;
}

}  // namespace postern
