#include "rules/evals/mail_addresses.h"

#include <algorithm>
#include <array>
#include <functional>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_label = 61;
constexpr std::size_t most_labels = 4;  // before the top-level domain
constexpr std::size_t longest_link_piece = 255;

bool is_alphanumeric(char c) { return is_alpha(c) || is_digit(c); }

/// RFC 5322's atext.
bool is_atom(char c) {
  constexpr std::string_view others = "!#$%&'*+/=?^_`{|}~-";
  return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}

/// The end of the domain that begins at `at`.
std::optional<std::size_t> domain_end(std::string_view text, std::size_t at,
                                      const RegistryBoundaries& boundaries) {
  for (std::size_t labels = 0; labels <= most_labels; ++labels) {
    const auto start = at;
    while (at < text.size() && (is_alphanumeric(text[at]) || text[at] == '-')) ++at;
    const auto label = text.substr(start, at - start);
    const bool more = at + 1 < text.size() && text[at] == '.' && is_alphanumeric(text[at + 1]);
    if (!more) return labels > 0 && boundaries.is_top(label) ? std::optional(at) : std::nullopt;
    if (label.empty() || label.size() > longest_label || !is_alphanumeric(label.front()) ||
        !is_alphanumeric(label.back()))
      return {};
    ++at;
  }
  return {};
}

/// Where the local part in front of `at` may begin: once behind each dot in it, the earliest first
/// not before `start`.
template <class Accepts>
std::optional<std::size_t> local_start(std::string_view text, std::size_t start, std::size_t at,
                                       Accepts accepts) {
  std::optional<std::size_t> best;
  const auto earliest = std::max(start, at > longest_local_part ? at - longest_local_part : 0);
  std::size_t from = at;
  while (true) {
    const auto end = from;
    while (from > 0 && is_atom(text[from - 1])) {
      if (--from < earliest) return best;
    }
    if (from == end) return best;
    if (accepts(from)) best = from;
    if (from == 0 || text[from - 1] != '.' || from - 1 < earliest) return best;
    --from;
  }
}

template <class Accepts>
std::optional<FoundAddress> find(std::string_view text, std::size_t start,
                                 const RegistryBoundaries& boundaries, Accepts accepts) {
  for (auto at = text.find('@', start); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at + 1 >= text.size() || !is_alphanumeric(text[at + 1])) continue;
    const auto end = domain_end(text, at + 1, boundaries);
    if (!end) continue;
    const auto from = local_start(text, start, at, [&](std::size_t f) { return accepts(f, *end); });
    if (from) return FoundAddress{*from, *end};
  }
  return {};
}

/// How many octets of a quotation's mark follow an address: ">", or " wrote:". A telephone or fax
/// number's mark is none, nor another address's.
std::size_t quotation_mark(std::string_view behind) {
  if (behind.starts_with('>')) return 1;
  std::size_t blanks = 0;
  while (blanks < behind.size() && is_space(behind[blanks])) ++blanks;
  if (blanks == 0 || blanks > 10) return 0;
  const auto word = behind.substr(blanks);
  const auto length =
      static_cast<std::size_t>(std::ranges::find_if_not(word, is_alpha) - word.begin());
  if (length < 2 || length > 11 || length >= word.size() || word[length] != ':') return 0;
  static constexpr std::array<std::string_view, 7> others{"fax",   "facsi", "tel",   "phone",
                                                          "email", "mail",  "e-mail"};
  const bool other = std::ranges::any_of(
      others, [word](auto mark) { return starts_with_ignoring_case(word, mark); });
  return other ? 0 : blanks + length + 1;
}

bool follows_mailto(std::string_view text, std::size_t at) {
  constexpr std::string_view mailto = "mailto:";
  return at >= mailto.size() &&
         equals_ignoring_case(text.substr(at - mailto.size(), mailto.size()), mailto);
}

/// Where the web address that begins at `at` ends; nothing where none with an '@' does.
std::optional<std::size_t> link_end(std::string_view text, std::size_t at) {
  auto rest = text.substr(at);
  std::size_t scheme = 0;
  for (const std::string_view known : {"http://", "https://"}) {
    if (starts_with_ignoring_case(rest, known)) scheme = known.size();
  }
  if (scheme == 0) return {};
  rest.remove_prefix(scheme);
  const auto length = static_cast<std::size_t>(std::ranges::find_if(rest, is_space) - rest.begin());
  for (std::size_t i = std::min(length, longest_link_piece + 1); i-- > 0;) {
    const bool plain = rest[i] == '@';
    if (!plain && !(i + 3 <= length && rest.substr(i, 3) == "%40")) continue;
    const auto behind = i + (plain ? 1 : 3);
    return at + scheme + std::min(length, behind + longest_link_piece);
  }
  return {};
}

/// The text with each found piece made one blank; `next` gives the first at or behind an offset.
std::string blanked(std::string_view text,
                    const std::function<std::optional<FoundAddress>(std::size_t)>& next) {
  std::string out;
  std::size_t done = 0;
  while (const auto piece = next(done)) {
    out += text.substr(done, piece->from - done);
    out += ' ';
    done = piece->to;
  }
  return out.append(text.substr(done));
}

}  // namespace

std::string without_address_links(std::string_view text) {
  return blanked(text, [text](std::size_t start) -> std::optional<FoundAddress> {
    for (auto colon = text.find("://", start); colon != std::string_view::npos;
         colon = text.find("://", colon + 1)) {
      for (const std::size_t letters : {4U, 5U}) {
        if (colon < start + letters) continue;
        auto from = colon - letters;
        const auto end = link_end(text, from);
        if (!end) continue;
        if (from > start && text[from - 1] == '<') --from;
        return FoundAddress{from, *end};
      }
    }
    return {};
  });
}

std::optional<FoundAddress> find_address(std::string_view text, std::size_t start,
                                         const RegistryBoundaries& boundaries) {
  return find(text, start, boundaries, [](std::size_t, std::size_t) { return true; });
}

std::optional<FoundAddress> address_at(std::string_view text, std::size_t start,
                                       const RegistryBoundaries& boundaries) {
  return find(text, start, boundaries,
              [start](std::size_t from, std::size_t) { return from == start; });
}

std::string without_quoted_addresses(std::string_view text, const RegistryBoundaries& boundaries) {
  return blanked(text, [&](std::size_t start) -> std::optional<FoundAddress> {
    auto found = find(text, start, boundaries, [&](std::size_t from, std::size_t to) {
      return !follows_mailto(text, from) && quotation_mark(text.substr(to)) > 0;
    });
    if (!found) return found;
    found->to += quotation_mark(text.substr(found->to));
    if (found->from > start && text[found->from - 1] == '<') --found->from;
    return found;
  });
}

}  // namespace postern
