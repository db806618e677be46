#include "policies/address_lookup.h"

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

bool has_parents(std::string_view domain) {
  if (domain.starts_with('[')) return false;
  const std::string_view last = domain.substr(domain.rfind('.') + 1);
  return !parse_number(last);
}

void add_partial(LookupKeys& keys, std::string key) {
  for (const LookupKey& known : keys) {
    if (known.text == key) return;
  }
  keys.push_back({std::move(key), true});
}

void add_domain(LookupKeys& keys, std::string_view domain, ParentForm form) {
  keys.push_back({std::string(domain), true});
  if (!has_parents(domain)) return;
  for (std::size_t dot = domain.find('.'); dot != std::string_view::npos;
       dot = domain.find('.', dot + 1)) {
    if (dot + 1 == domain.size()) break;
    if (form != ParentForm::plain) keys.push_back({std::string(domain.substr(dot)), true});
    if (form != ParentForm::dotted) keys.push_back({std::string(domain.substr(dot + 1)), true});
  }
}

/// The whole address, and the one without extension.
LookupKeys full_keys(std::string_view address, std::string_view delimiters) {
  LookupKeys keys = {{std::string(address), false}};
  add_partial(keys, without_extension(address, delimiters));
  return keys;
}

}  // namespace

SplitLocal split_extension(std::string_view local, std::string_view delimiters) {
  const SplitLocal whole{local, {}};
  if (delimiters.empty() || local.empty()) return whole;
  for (const std::string_view reserved : {"postmaster", "mailer-daemon"}) {
    if (equals_ignoring_case(local, reserved)) return whole;
  }
  if (delimiters.find('-') != std::string_view::npos) {
    // Mailing lists' addresses (RFC 2142 §6) are names of their own.
    constexpr std::string_view request = "-request";
    if (starts_with_ignoring_case(local, "owner-")) return whole;
    if (local.size() > request.size() &&
        equals_ignoring_case(local.substr(local.size() - request.size()), request)) {
      return whole;
    }
  }
  const std::size_t at = local.find_first_of(delimiters, 1);
  if (at == std::string_view::npos) return whole;
  return {local.substr(0, at), local.substr(at)};
}

std::string without_extension(std::string_view address, std::string_view delimiters) {
  const std::size_t at = address.rfind('@');
  std::string out(split_extension(address.substr(0, at), delimiters).user);
  if (at != std::string_view::npos) out += address.substr(at);
  return out;
}

LookupKeys domain_keys(std::string_view domain, ParentForm form) {
  LookupKeys keys;
  add_domain(keys, domain, form);
  keys.front().partial = false;
  return keys;
}

LookupKeys access_keys(std::string_view address, std::string_view delimiters) {
  if (address.empty()) return {{"<>", false}};
  LookupKeys keys = full_keys(address, delimiters);
  const std::size_t at = address.rfind('@');
  const std::string_view local = address.substr(0, at);
  if (at != std::string_view::npos) add_domain(keys, address.substr(at + 1), ParentForm::both);
  add_partial(keys, std::string(local) + "@");
  add_partial(keys, std::string(split_extension(local, delimiters).user) + "@");
  return keys;
}

LookupKeys alias_keys(std::string_view address, std::string_view delimiters) {
  LookupKeys keys = full_keys(address, delimiters);
  const std::size_t at = address.rfind('@');
  if (at != std::string_view::npos) add_partial(keys, std::string(address.substr(at)));
  return keys;
}

LookupKeys transport_keys(std::string_view address, std::string_view delimiters) {
  LookupKeys keys = full_keys(address, delimiters);
  const std::size_t at = address.rfind('@');
  if (at != std::string_view::npos) add_domain(keys, address.substr(at + 1), ParentForm::dotted);
  add_partial(keys, "*");
  return keys;
}

LookupKeys address_keys(const IpAddress& address) {
  const std::string text = address.text();
  LookupKeys keys = {{text, false}};
  const char separator = address.is_v4() ? '.' : ':';
  std::string_view rest = text;
  for (std::size_t cut = rest.rfind(separator); cut != std::string_view::npos;
       cut = rest.rfind(separator)) {
    rest = rest.substr(0, cut);
    while (rest.ends_with(separator)) rest.remove_suffix(1);
    if (rest.empty()) break;
    keys.push_back({std::string(rest), true});
  }
  return keys;
}

LookupKeys client_keys(std::string_view name, const IpAddress& address) {
  LookupKeys keys = domain_keys(name.empty() ? "unknown" : name, ParentForm::both);
  for (LookupKey& key : address_keys(address)) keys.push_back(std::move(key));
  return keys;
}

}  // namespace postern
