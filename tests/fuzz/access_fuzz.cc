// access_fuzz.cc — any text as a table's result: an access action, a route; any address as a key.
#include <string>

#include "gateway/base/bytes.h"
#include "policies/access.h"
#include "policies/address_lookup.h"
#include "policies/route.h"
#include "tests/fuzz/fuzz.h"

using namespace postern;

namespace {

void check_action(std::string_view input, AccessSubject subject) {
  const auto action = parse_access_action(input, {subject, "x"});
  if (!action) return require(!action.error().what.empty(), "an error says what is wrong");
  using Kind = AccessAction::Kind;
  const bool refuses = action->kind == Kind::reject || action->kind == Kind::defer ||
                       action->kind == Kind::defer_if_permit ||
                       action->kind == Kind::defer_if_reject;
  require(refuses == (action->reply.code != 0), "a refusal has a reply, and nothing else has");
  if (refuses) {
    require(action->reply.code >= 400 && action->reply.code < 600, "a refusal is 4yz or 5yz");
    require(action->reply.enhanced.klass == action->reply.code / 100, "the classes agree");
    require((action->kind == Kind::reject) == action->reply.permanent(), "reject is permanent");
  }
  require(!action->hang_up || refuses, "only a refusal hangs up");
}

void check_route(std::string_view value, std::string_view recipient) {
  const auto route = parse_route(value, recipient, "+");
  if (!route) return;
  require(!route->destination_key().empty(), "a route has a queue");
  if (route->transport == Route::Transport::maildir) {
    require(route->path.starts_with('/'), "a Maildir's path is absolute");
    for (const auto name : split(route->path, '/')) require(name != "..", "no path goes upwards");
    return;
  }
  const std::string name = route->name();
  const auto again = parse_route(name, recipient, "+");
  require(again && *again == *route, "a route comes back from its name");
}

void check_keys(std::string_view address) {
  for (const LookupKeys& keys :
       {access_keys(address, "+-"), alias_keys(address, "+-"), transport_keys(address, "+-")}) {
    require(!keys.empty() && !keys.front().partial, "the whole key comes first");
    for (std::size_t i = 1; i < keys.size(); ++i) require(keys[i].partial, "then its parts");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const auto input = as_text(octets, size);
  for (const auto subject : {AccessSubject::client, AccessSubject::helo, AccessSubject::sender,
                             AccessSubject::recipient}) {
    check_action(input, subject);
  }
  check_route(input, "user+ext@example.org");
  check_route("maildir:/m/%d/%n/%u", input);
  check_keys(input);
  return 0;
}
