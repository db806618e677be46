// vbounce.cc — whether a bounce is one of our own mail: relays of ours among the Received lines
// that it quotes (Plugin/VBounce.pm).

#include <array>

#include "gateway/base/bytes.h"
#include "rules/evals/tables.h"
#include "rules/settings.h"

namespace postern {
namespace {

constexpr std::string_view received = "received:";

bool quotes_received(std::string_view line) {
  const auto text = std::min(line.find_first_not_of("> "), line.size());
  return starts_with_ignoring_case(line.substr(text), received);
}

bool mentions_received(std::string_view text) {
  for (auto at = text.find_first_of("rR"); at != std::string_view::npos;
       at = text.find_first_of("rR", at + 1)) {
    if (starts_with_ignoring_case(text.substr(at), received)) return true;
  }
  return false;
}

/// Words with a dot inside, between white space on both sides; two in a row share none of it.
class DottedWords {
 public:
  explicit DottedWords(bool any_space) : any_space_(any_space) {}

  /// Asks about each word of `text` that was not asked about before; `text` may have grown since.
  template <class Question>
  bool any(std::string_view text, Question question) {
    while (at_ < text.size()) {
      if (!parts(text[at_])) {
        ++at_;
        continue;
      }
      auto end = at_ + 1;
      while (end < text.size() && !is_space(text[end])) ++end;
      if (end == text.size()) return false;  // it may go on
      const auto word = text.substr(at_ + 1, end - at_ - 1);
      const auto dot = word.find('.', 1);
      const bool fits = parts(text[end]) && dot != std::string_view::npos && dot + 1 < word.size();
      at_ = fits ? end + 1 : end;
      if (fits && question(word)) return true;
    }
    return false;
  }

 private:
  bool parts(char c) const { return any_space_ ? is_space(c) : c == ' '; }

  bool any_space_;
  std::size_t at_ = 0;
};

bool shown_text_quotes_our_relay(ScannedMessage& message, const auto& is_ours) {
  for (const auto& line : message.body()) {
    if (quotes_received(line) && DottedWords(false).any(line, is_ours)) return true;
  }
  return false;
}

/// A part that holds a message is not shown: its Received fields are looked for in the octets.
bool octets_quote_our_relay(std::string_view body, const auto& is_ours) {
  if (!mentions_received(body)) return false;
  bool found_one = false;
  std::string field;  // with its continuations
  DottedWords words(true);
  while (!body.empty()) {
    const auto line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(line.size() + 1, body.size()));
    if (!found_one && !quotes_received(line)) continue;
    found_one = true;
    if (line.empty() || !is_space(line.front())) {
      field.clear();
      words = DottedWords(true);
    }
    field += line;
    if (quotes_received(field) && words.any(field, is_ours)) return true;
  }
  return false;
}

BindResult any_relays(const EvalArguments&, const RuleSettings& settings) {
  return [any = settings.bounces.any](ScannedMessage&) { return any ? 1.0 : 0.0; };
}

BindResult our_relay(const EvalArguments&, const RuleSettings&) {
  return [](ScannedMessage& message) {
    const auto& bounces = message.settings().bounces;
    if (!bounces.any) return 0.0;
    const auto is_ours = [&bounces](std::string_view word) {
      return bounces.relays.matches(to_lower(word));
    };
    return shown_text_quotes_our_relay(message, is_ours) ||
                   octets_quote_our_relay(message.parts().body(), is_ours)
               ? 1.0
               : 0.0;
  };
}

constexpr std::array<EvalFunction, 3> functions{{
    {"have_any_bounce_relays", any_relays},
    {"check_welcomelist_bounce_relays", our_relay},
    {"check_whitelist_bounce_relays", our_relay},
}};

}  // namespace

EvalTable vbounce_evals() { return functions; }

}  // namespace postern
