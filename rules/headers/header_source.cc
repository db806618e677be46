#include "rules/headers/header_source.h"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

using Kind = HeaderSource::Kind;

struct PseudoField {
  std::string_view name;
  Kind kind;
  bool any_case;
};

constexpr std::array pseudo_fields = {
    PseudoField{"ALL", Kind::all, false},
    PseudoField{"ALL-TRUSTED", Kind::all_trusted, false},
    PseudoField{"ALL-UNTRUSTED", Kind::all_untrusted, false},
    PseudoField{"ALL-INTERNAL", Kind::all_internal, false},
    PseudoField{"ALL-EXTERNAL", Kind::all_external, false},
    PseudoField{"ToCc", Kind::to_cc, true},
    PseudoField{"MESSAGEID", Kind::message_ids, false},
    PseudoField{"EnvelopeFrom", Kind::envelope_from, true},
    PseudoField{"X-Spam-Relays-Trusted", Kind::relays_trusted, true},
    PseudoField{"X-Spam-Relays-Untrusted", Kind::relays_untrusted, true},
    PseudoField{"X-Spam-Relays-Internal", Kind::relays_internal, true},
    PseudoField{"X-Spam-Relays-External", Kind::relays_external, true},
};

struct Modifier {
  std::string_view name;
  void (*apply)(HeaderSource& source);
};

// Where several contradict each other, SpamAssassin prefers :addr to :name, a host to an IP and
// :first to :last.
constexpr std::array modifiers = {
    Modifier{"raw", [](HeaderSource& s) { s.raw = true; }},
    Modifier{"addr", [](HeaderSource& s) { s.part = HeaderSource::Part::addresses; }},
    Modifier{"name",
             [](HeaderSource& s) {
               if (s.part == HeaderSource::Part::value) s.part = HeaderSource::Part::names;
             }},
    Modifier{"domain", [](HeaderSource& s) { s.place = HeaderSource::Place::domain; }},
    Modifier{"host",
             [](HeaderSource& s) {
               if (s.place != HeaderSource::Place::domain) s.place = HeaderSource::Place::host;
             }},
    Modifier{"revip",
             [](HeaderSource& s) {
               if (s.place == HeaderSource::Place::none || s.place == HeaderSource::Place::ip)
                 s.place = HeaderSource::Place::reversed_ip;
             }},
    Modifier{"ip",
             [](HeaderSource& s) {
               if (s.place == HeaderSource::Place::none) s.place = HeaderSource::Place::ip;
             }},
    Modifier{"first", [](HeaderSource& s) { s.choice = HeaderSource::Choice::first; }},
    Modifier{"last",
             [](HeaderSource& s) {
               if (s.choice == HeaderSource::Choice::every) s.choice = HeaderSource::Choice::last;
             }},
};

Kind kind_of(std::string_view name) {
  for (const auto& pseudo : pseudo_fields) {
    if (pseudo.any_case ? equals_ignoring_case(pseudo.name, name) : pseudo.name == name)
      return pseudo.kind;
  }
  return Kind::field;
}

}  // namespace

std::expected<HeaderSource, SyntaxError> parse_header_source(std::string_view written) {
  auto pieces = split(written, ':');
  const auto name = pieces.front();
  const bool printable_name = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
  if (name.empty() || !printable_name) {
    return std::unexpected(SyntaxError{0, "the name of a header field is missing here"});
  }
  HeaderSource source{.name = to_lower(name), .kind = kind_of(name)};
  if (pieces.size() > 1 && pieces.back().empty()) pieces.pop_back();  // "Subject:" is Subject
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const auto modifier = std::ranges::find(modifiers, pieces[i], &Modifier::name);
    if (modifier == modifiers.end()) {
      return std::unexpected(
          SyntaxError{static_cast<std::size_t>(pieces[i].data() - written.data()),
                      fmt::format("\":{}\" is no modifier: raw, addr, name, host, domain, ip, "
                                  "revip, first and last are",
                                  printable(pieces[i], 40))});
    }
    modifier->apply(source);
  }
  return source;
}

std::size_t HashHeaderSource::operator()(const HeaderSource& source) const {
  const auto modifiers_only = (static_cast<std::size_t>(source.part) << 8) ^
                              (static_cast<std::size_t>(source.place) << 16) ^
                              (static_cast<std::size_t>(source.choice) << 24) ^
                              (static_cast<std::size_t>(source.raw) << 32) ^
                              (static_cast<std::size_t>(source.kind) << 40);
  return std::hash<std::string>{}(source.name) ^ (modifiers_only * 0x9e3779b97f4a7c15U);
}

}  // namespace postern
