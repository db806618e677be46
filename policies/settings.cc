#include "policies/settings.h"

namespace postern {
namespace {

void list(Keys& keys, std::string_view name, ConfiguredList& value, std::string_view help) {
  keys.list(name, value.entries, help);
  value.where = keys.where(name);
}

void text(Keys& keys, std::string_view name, ConfiguredText& value, std::string_view help) {
  keys.text(name, value.text, help);
  value.where = keys.where(name);
}

}  // namespace

void describe(PolicySettings& settings, Keys& keys) {
  list(keys, "mynetworks", settings.mynetworks,
       "Clients that may send mail to any destination: networks, addresses, \"!\" to leave one "
       "out, files (\"/path\"), maps (\"cidr:/path\"). Anyone listed here can use this gateway as "
       "a relay.");
  list(keys, "relay_domains", settings.relay_domains,
       "Domains whose mail is accepted from everyone and passed on: names, files (\"/path\"), maps "
       "(\"hash:/path\").");
  keys.flag("relay_domains_match_subdomains", settings.relay_domains_match_subdomains,
            "Whether a name in relay_domains stands for its subdomains, too. A leading dot always "
            "means the subdomains.");
  list(keys, "relay_recipient_maps", settings.relay_recipient_maps,
       "Maps of the recipients that exist in relay_domains (user@domain, @domain); any value will "
       "do. Empty: all are accepted, and what the store refuses becomes a bounce.");
  list(keys, "virtual_alias_domains", settings.virtual_alias_domains,
       "Domains of which every address is an alias in virtual_alias_maps.");
  list(keys, "virtual_alias_maps", settings.virtual_alias_maps,
       "Maps from an address (or @domain) to the addresses that get its mail instead.");
  keys.integer("virtual_alias_expansion_limit", settings.virtual_alias_expansion_limit, 1, 100000,
               "Most addresses that one recipient may expand to.");
  keys.integer("virtual_alias_recursion_limit", settings.virtual_alias_recursion_limit, 1, 100000,
               "How deep aliases of aliases may be nested.");
  list(keys, "transport_maps", settings.transport_maps,
       "Maps from an address, a domain, .domain or * to where its mail goes: smtp:[host]:port, "
       "smtp:domain, lmtp:unix:/path, lmtp:host:port, maildir:/path/%d/%n, discard:, error:text.");
  text(keys, "relay_transport", settings.relay_transport,
       "Where mail for relay_domains goes unless transport_maps says otherwise, written as in "
       "transport_maps. Empty: to relayhost or by MX.");
  text(keys, "relayhost", settings.relayhost,
       "Next hop for all other mail: [host]:port, or a domain for its MX hosts. Empty: the MX "
       "hosts of the recipient's domain.");
  keys.text("recipient_delimiter", settings.recipient_delimiter,
            "Characters that separate user and extension in user+extension@domain. Empty: none.");
}

}  // namespace postern
