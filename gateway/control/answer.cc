#include "gateway/control/desk_parts.h"

namespace postern {

Task<bool> DeskAnswer::lines(std::string text) {
  if (text.empty()) co_return true;
  co_return co_await send_(std::move(text));
}

Task<bool> DeskAnswer::octets(std::string octets) {
  if (octets.empty()) co_return true;
  std::string head = "{\"v\":1,\"octets\":" + std::to_string(octets.size()) + "}\n";
  head += octets;
  co_return co_await send_(std::move(head));
}

Task<bool> DeskAnswer::rows(std::string text, bool table) {
  if (table) co_return co_await octets(std::move(text));
  co_return co_await lines(std::move(text));
}

}  // namespace postern
