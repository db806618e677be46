#include "rules/headers/received_line.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <vector>

#include "gateway/base/bytes.h"
#include "rules/headers/capture_pattern.h"
#include "rules/headers/ip_address.h"
#include "rules/headers/received_auth.h"
#include "rules/headers/received_formats.h"
#include "rules/headers/received_text.h"

namespace postern {
namespace {

constexpr std::size_t most_words = 64;
using WordSet = std::bitset<most_words>;

struct Placeholder {
  std::string_view written;
  std::string_view group;    // "" where nothing is kept
  std::string_view pattern;  // "" for an address
};

constexpr std::array placeholders = {
    Placeholder{"{helo}", "helo", R"(\S+)"},
    Placeholder{"{helo?}", "helo", R"(\S*)"},
    Placeholder{"{rdns}", "rdns", R"(\S+)"},
    Placeholder{"{name}", "name", R"(\S+)"},
    Placeholder{"{by}", "by", R"(\S+)"},
    Placeholder{"{ident}", "ident", R"(\S+)"},
    Placeholder{"{ident?}", "ident", R"(\S*)"},
    Placeholder{"{ip}", "ip", ""},
    Placeholder{"{IP}", "", ""},
};

// An optional word in brackets, the receiver, comments, the protocol; an id behind that would be
// sendmail's.
constexpr std::string_view behind_qmail =
    R"((?: \(envelope-sender <\S+>\))? by {by}(?: \(.+\))? with (?:.* )?(?:SMTP|QMQP)(?! id ))";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string expanded(std::string_view pattern) {
  std::string out = "^";
  out += pattern;
  replace_all(out, "{behind_qmail}", behind_qmail);
  replace_all(out, "{localhost}", localhost_pattern());
  for (const auto& placeholder : placeholders) {
    std::string group(placeholder.pattern.empty() ? ip_address_pattern() : placeholder.pattern);
    if (!placeholder.group.empty()) {
      group.insert(0, std::string("(?<").append(placeholder.group).append(">"));
      group += ')';
    }
    replace_all(out, placeholder.written, group);
  }
  return out;
}

/// What must stand at the beginning, or behind the first word: cheaper to compare than to match.
struct Lead {
  bool behind_word = false;
  std::string text;
};

Lead lead_of(std::string_view pattern) {
  Lead lead;
  for (const auto& placeholder : placeholders) {
    if (!pattern.starts_with(placeholder.written)) continue;
    lead.behind_word = true;
    pattern.remove_prefix(placeholder.written.size());
    break;
  }
  if (!lead.behind_word && pattern.starts_with(R"(\S+)")) {
    lead.behind_word = true;
    pattern.remove_prefix(3);
  }
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      c = pattern[++i];
      if (is_alpha(c)) break;
    } else if (!is_alpha(c) && c != ' ' && c != '@') {
      break;
    }
    const bool optional = i + 1 < pattern.size() &&
                          (pattern[i + 1] == '?' || pattern[i + 1] == '*' || pattern[i + 1] == '+');
    if (optional) break;
    lead.text += c;
  }
  // A word may go on with anything but a blank.
  if (lead.behind_word && !lead.text.starts_with(' ')) return {};
  return lead;
}

struct Kept {
  std::string_view group;
  std::string Relay::* field;
};

constexpr std::array kept_groups = {
    Kept{"ip", &Relay::ip}, Kept{"rdns", &Relay::rdns},   Kept{"helo", &Relay::helo},
    Kept{"by", &Relay::by}, Kept{"ident", &Relay::ident}, Kept{"id", &Relay::id},
};

struct Format {
  const ReceivedFormat* source;
  CapturePattern pattern;
  Lead lead;
  std::optional<std::size_t> word;
  std::array<std::size_t, kept_groups.size()> groups{};
  std::size_t name = 0;
  std::size_t detail = 0;
};

class Formats {
 public:
  struct Family {
    std::size_t word;
    std::optional<CapturePattern> pattern;
    std::vector<Format> formats;
  };

  Formats()
      : web_mail(compiled(web_mail_formats())),
        common(compiled(common_formats())),
        ignored(compiled(ignored_formats())),
        capital(compiled(capital_formats())),
        bracketed(compiled(bracketed_formats())) {
    for (const auto& family : received_families()) {
      Family made{
          .word = *number_of(family.words), .pattern = {}, .formats = compiled(family.formats)};
      if (!family.pattern.empty()) made.pattern.emplace(family.pattern);
      families.push_back(std::move(made));
    }
  }

  WordSet words_in(std::string_view text) const {
    WordSet found;
    for (std::size_t i = 0; i < words_.size(); ++i)
      found[i] = text.find(words_[i]) != std::string_view::npos;
    return found;
  }

 private:
  std::vector<std::string_view> words_;

  std::optional<std::size_t> number_of(std::string_view word) {
    if (word.empty()) return {};
    const auto found = std::ranges::find(words_, word);
    if (found == words_.end()) {
      words_.push_back(word);
      return words_.size() - 1;
    }
    return static_cast<std::size_t>(found - words_.begin());
  }

  std::vector<Format> compiled(ReceivedFormats formats) {
    std::vector<Format> out;
    out.reserve(formats.size());
    for (const auto& format : formats) {
      Format made{.source = &format,
                  .pattern = CapturePattern(expanded(format.pattern)),
                  .lead = lead_of(format.pattern),
                  .word = number_of(format.words)};
      for (std::size_t i = 0; i < kept_groups.size(); ++i)
        made.groups[i] = made.pattern.group(kept_groups[i].group);
      made.name = made.pattern.group("name");
      made.detail = made.pattern.group("detail");
      out.push_back(std::move(made));
    }
    return out;
  }

 public:
  std::vector<Format> web_mail, common, ignored, capital, bracketed;
  std::vector<Family> families;
};

const CapturePattern& bracketed_address() {
  static const CapturePattern pattern(R"(\[()" + ip_address_pattern() + R"()\])");
  return pattern;
}

const CapturePattern& name_in_front() {
  static const CapturePattern pattern(R"(^(\S+)[^-A-Za-z0-9.])");
  return pattern;
}

const Formats& formats() {
  static const Formats made;
  return made;
}

class Reader {
 public:
  using Meaning = ReceivedFormat::Meaning;

  /// `text` is the field's, tidied; see received_text.h.
  explicit Reader(std::string_view text) : text_(text) {}

  ReceivedLine run() {
    find_words_anywhere();
    draft_.relay.auth = authentication_of(text_);
    const auto meaning = read();
    ReceivedLine line;
    if (!meaning) return line;
    if (*meaning == Meaning::scanned) line.sender_of_next = tidy_sender(draft_.relay.envfrom);
    line.meaning = *meaning == Meaning::hop       ? ReceivedLine::Meaning::hop
                   : *meaning == Meaning::fetched ? ReceivedLine::Meaning::fetched
                                                  : ReceivedLine::Meaning::ignored;
    if (*meaning == Meaning::hop) {
      tidy_relay(draft_);
      line.relay = std::move(draft_.relay);
    }
    return line;
  }

 private:
  /// What most formats have somewhere; a format that fits says better.
  void find_words_anywhere() {
    draft_.relay.id = id_in(text_);
    draft_.relay.helo = helo_in(text_);
    draft_.relay.by = receiver_in(text_);
  }

  std::optional<Meaning> read() {
    std::optional<Meaning> meaning;
    if (text_.starts_with("from ")) {
      text_.remove_prefix(5);
      draft_.relay.envfrom = sender_in(text_);
      meaning = read_usual();
    } else if (text_.starts_with("FROM ")) {
      text_.remove_prefix(5);
      meaning = first_of(formats().capital);
    } else if (text_.starts_with("(from ")) {
      text_.remove_prefix(6);
      meaning = first_of(formats().bracketed);
    }
    return meaning ? meaning : whatever_is_there();
  }

  std::optional<Meaning> read_usual() {
    words_ = formats().words_in(text_);
    if (const auto meaning = first_of(formats().web_mail)) return meaning;
    for (const auto& family : formats().families) {
      if (!words_[family.word]) continue;
      if (family.pattern && !family.pattern->matches(text_, captures_)) continue;
      if (const auto meaning = first_of(family.formats)) return meaning;
      break;
    }
    if (const auto meaning = first_of(formats().common)) return meaning;
    if (const auto meaning = first_of(formats().ignored)) return meaning;
    if (draft_.relay.helo.empty() || draft_.relay.helo == "0") {
      if (name_in_front().matches(text_, captures_)) draft_.relay.helo = *captures_[1];
    }
    return {};
  }

  std::optional<Meaning> first_of(const std::vector<Format>& candidates) {
    const auto behind_word = text_.substr(std::min(text_.find(' '), text_.size()));
    for (const auto& format : candidates) {
      if (format.word && !words_[*format.word]) continue;
      if (!(format.lead.behind_word ? behind_word : text_).starts_with(format.lead.text)) continue;
      if (!format.pattern.matches(text_, captures_)) continue;
      keep(format);
      const auto finish = format.source->finish;
      const auto detail = captures_[format.detail].value_or("");
      if (finish == nullptr || finish(draft_, text_, format.detail > 0 ? detail : ""))
        return format.source->meaning;
    }
    return {};
  }

  void keep(const Format& format) {
    for (std::size_t i = 0; i < kept_groups.size(); ++i) {
      if (format.groups[i] > 0)
        draft_.relay.*kept_groups[i].field = captures_[format.groups[i]].value_or("");
    }
    if (format.name > 0) draft_.relay.rdns = draft_.relay.helo = *captures_[format.name];
    draft_.looked_up_dns = format.source->looks_up_dns;
  }

  /// An address in brackets and a receiver are enough for a hop, whoever wrote them.
  std::optional<Meaning> whatever_is_there() {
    auto& relay = draft_.relay;
    if (relay.ip.empty() && bracketed_address().matches(text_, captures_)) relay.ip = *captures_[1];
    const bool receiver = !relay.by.empty() && relay.by != "0";
    if (!relay.ip.empty() && receiver) return Meaning::hop;
    return {};
  }

  std::string_view text_;
  WordSet words_;
  Captures captures_;
  ReceivedDraft draft_;
};

}  // namespace

ReceivedLine read_received(std::string_view value) {
  const auto text = tidy_received(value);
  if (!text) return {.meaning = ReceivedLine::Meaning::ignored, .relay = {}, .sender_of_next = {}};
  return Reader(*text).run();
}

void prepare_received_formats() {
  formats();
  bracketed_address();
  name_in_front();
}

}  // namespace postern
