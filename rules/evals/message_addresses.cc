#include "rules/evals/message_addresses.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t newest_hops = 3;

void add(std::vector<std::string>& all, std::string_view address) {
  auto lowered = to_lower(address);
  if (std::ranges::find(all, lowered) == all.end()) all.push_back(std::move(lowered));
}

template <class Addresses>
void add_as_written(Addresses& addresses, std::string address) {
  add(addresses.all, address);
  if (std::ranges::find(addresses.as_written, address) == addresses.as_written.end())
    addresses.as_written.push_back(std::move(address));
}

std::string without_double_dots(std::string_view address) {
  std::string out;
  for (const char c : address) {
    if (c != '.' || !out.ends_with('.')) out += c;
  }
  return out;
}

/// Util.pm, is_fqdn_valid: two labels or more, and no '_' in the last two.
bool is_full_host_name(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  const auto labels = split(host, '.');
  if (host.size() > 253 || labels.size() < 2) return false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = labels[i];
    const bool inner = i + 2 < labels.size();
    const auto allowed = [inner](char c) {
      return is_alpha(c) || is_digit(c) || c == '-' || (c == '_' && inner);
    };
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::ranges::all_of(label, allowed))
      return false;
  }
  return true;
}

/// "for <address>;" of a Received field, "" where it does not say.
std::string_view named_recipient(std::string_view received) {
  constexpr std::string_view mark = " for ";
  for (auto at = received.find(mark); at != std::string_view::npos;
       at = received.find(mark, at + 1)) {
    auto word = received.substr(at + mark.size());
    if (word.starts_with('<')) word.remove_prefix(1);
    word = word.substr(0, word.find_first_of(" \t\r\n\f\v"));
    const auto last_end = word.rfind(';');
    if (last_end == std::string_view::npos || last_end < 3) continue;
    const auto host_at = word.rfind('@', last_end - 2);
    if (host_at == std::string_view::npos || host_at == 0) continue;
    const auto end = word.find(';', host_at + 2);
    auto address = word.substr(0, end);
    if (address.ends_with('>') && address.size() > host_at + 2) address.remove_suffix(1);
    return is_full_host_name(address.substr(host_at + 1)) ? address : std::string_view();
  }
  return {};
}

}  // namespace

SenderAddresses::SenderAddresses(ScannedMessage& message) {
  auto& headers = message.headers();
  for (const auto& address : headers.list("Resent-From:first:addr")) add_as_written(*this, address);
  if (!all.empty()) return;
  static constexpr std::array<std::string_view, 5> fields{
      "From:addr", "Envelope-Sender:addr", "Resent-Sender:addr", "X-Envelope-From:addr",
      "EnvelopeFrom:addr"};
  for (const auto field : fields) {
    for (const auto& address : headers.list(field)) {
      if (!address.empty()) add_as_written(*this, without_double_dots(address));
    }
  }
}

RecipientAddresses::RecipientAddresses(ScannedMessage& message) {
  auto& headers = message.headers();
  for (const auto* const field : {"Resent-To:first:addr", "Resent-Cc:first:addr"}) {
    for (const auto& address : headers.list(field)) add_as_written(*this, std::string(address));
  }
  if (!all.empty()) return;
  const auto& received = headers.list("Received");
  for (std::size_t i = 0; i < std::min(received.size(), newest_hops); ++i) {
    if (const auto address = named_recipient(received[i]); !address.empty())
      add_as_written(*this, std::string(address));
  }
  static constexpr std::array<std::string_view, 12> fields{"To:addr",
                                                           "Apparently-To:addr",
                                                           "Delivered-To:addr",
                                                           "Envelope-Recipients:addr",
                                                           "Cc:addr",
                                                           "X-Envelope-To:addr",
                                                           "Envelope-To:addr",
                                                           "Apparently-Resent-To:addr",
                                                           "X-Delivered-To:addr",
                                                           "X-Original-To:addr",
                                                           "X-Rcpt-To:addr",
                                                           "X-Real-To:addr"};
  for (const auto field : fields) {
    for (const auto& address : headers.list(field)) add_as_written(*this, std::string(address));
  }
}

}  // namespace postern
