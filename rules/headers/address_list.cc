#include "rules/headers/address_list.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/base/bytes.h"
#include "rules/headers/capture_pattern.h"
#include "rules/headers/prepared_patterns.h"
#include "rules/hosts/host_name.h"

namespace postern {
namespace {

constexpr std::size_t longest_field = 8192;

constexpr std::string_view quoted = R"("(?:[^"\\]++|\\.)*+")";
constexpr std::string_view comment = R"(\((?:[^()\\]++|\\.)*+\))";

std::string mailbox() {
  return fmt::format(R"((?:{}|[^@\s<>()\[\],:;]+)@(?:[^"\s<>()\[\],:;]+|\[[\d:.]+\]))", quoted);
}

std::string words_of_name() { return fmt::format(R"((?:{}|[^",;<]++)+)", quoted); }

/// One entry with the comma behind it: a name and a bracketed address, or either alone; brackets
/// doubled by some programs are passed over, and a comment may follow.
std::string entry() {
  constexpr std::string_view doubled = R"((?:\s*<\s*(?:(?:{0})?\S+|\s*)\s*>)*)";
  return fmt::format(
      R"(^\s*(?:(?:({name})\s*)?<\s*([^>@]*\S+|\s*)\s*>{doubled}|(?:({mailbox})|({name}))))"
      R"((?:\s*\(((?:[^()\\]++|\\.)*+)\))?\s*(?:[,;]|\z))",
      fmt::arg("name", words_of_name()), fmt::arg("mailbox", mailbox()),
      fmt::arg("doubled", fmt::format(fmt::runtime(doubled), quoted)));
}

struct Patterns {
  CapturePattern entry{postern::entry(), true};
  CapturePattern mailbox{fmt::format("^{}$", postern::mailbox()), true};
  CapturePattern bracketed{fmt::format("<({})>", postern::mailbox()), true};
  CapturePattern comment{postern::comment};
};

const Patterns& patterns() {
  static const Patterns made;
  return made;
}

/// Quotes out of place make a mess, not an address.
bool is_plausible(std::string_view address) {
  return !address.starts_with("\"\"@") && std::ranges::count(address, '"') != 1;
}

/// Up to a second '@'.
std::string local_and_domain(std::string_view address) {
  const auto at = address.find('@');
  return std::string(address.substr(0, address.find('@', at + 1)));
}

class Reader {
 public:
  explicit Reader(std::string_view field) : rest_(field) {}

  std::vector<ListedAddress> run() {
    while (patterns().entry.matches(rest_, captures_)) {
      const auto next = captures_.end();
      add_entry();
      rest_.remove_prefix(next);
      if (next == 0) break;
    }
    if (rest_.find('@') != std::string_view::npos) search_brackets();
    return std::move(found_);
  }

 private:
  void add_entry() {
    const auto phrase = captures_[1] ? captures_[1] : captures_[4];
    const auto bracketed = captures_[2];
    const auto bare = captures_[3];
    const auto remark = captures_[5];

    ListedAddress entry;
    if (bracketed) {
      entry.address = without_comments(*bracketed);
      if (!is_mailbox(*entry.address)) entry.address.reset();
    } else if (bare) {
      entry.address = *bare;
    }
    if (entry.address && !is_plausible(*entry.address)) entry.address.reset();
    if (phrase) set_name(entry, unquoted(*phrase));
    if (!entry.name && remark) entry.name = *remark;
    if (entry.address) entry.address = local_and_domain(*entry.address);
    found_.push_back(std::move(entry));
  }

  /// A name that is itself an address is one, where there is no other; one that repeats it is none.
  void set_name(ListedAddress& entry, std::string name) {
    if (!entry.address && is_mailbox(name) && is_plausible(name)) {
      const auto domain = std::string_view(name).substr(name.find('@') + 1);
      if (is_fully_qualified(domain.substr(0, domain.find('@')))) {
        entry.address = std::move(name);
        return;
      }
    }
    if (!name.empty() && name != entry.address) entry.name = std::move(name);
  }

  /// Quoted and other pieces of a name put together, with the escapes and the comments gone.
  std::string unquoted(std::string_view phrase) {
    std::string out;
    for (std::size_t at = 0; at < phrase.size();) {
      const auto quote = phrase.find('"', at);
      if (quote != at) {
        out += without_comments(phrase.substr(at, quote == phrase.npos ? quote : quote - at));
        at = quote == phrase.npos ? phrase.size() : quote;
        continue;
      }
      for (++at; at < phrase.size() && phrase[at] != '"'; ++at) {
        if (phrase[at] == '\\' && at + 1 < phrase.size()) ++at;
        out += phrase[at];
      }
      ++at;
    }
    return out;
  }

  std::string without_comments(std::string_view text) {
    std::string out;
    while (text.find('(') != std::string_view::npos &&
           patterns().comment.matches(text, captures_)) {
      out += text.substr(0, captures_.begin());
      text.remove_prefix(captures_.end());
    }
    return out.append(text);
  }

  bool is_mailbox(std::string_view text) {
    return text.find('@') != std::string_view::npos && patterns().mailbox.matches(text, captures_);
  }

  /// What could not be read as a list may still hold addresses in brackets.
  void search_brackets() {
    std::size_t from = 0;
    while (patterns().bracketed.matches(rest_, captures_, from)) {
      from = captures_.end();
      const auto address = *captures_[1];
      if (is_plausible(address)) found_.push_back({local_and_domain(address), {}});
    }
  }

  std::string_view rest_;
  Captures captures_;
  std::vector<ListedAddress> found_;
};

std::string without_escaped_backslashes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') {
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// "Name: a, b;" gives "a, b;", and "Name:;" nothing.
void drop_group_name(std::string& text) {
  const auto outside = std::string_view(text).substr(0, text.find_first_of("\"()<>"));
  const auto colon = outside.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return;
  const auto begin = text.find_first_not_of(" \t\r\n\f\v", colon + 1);
  const bool nothing_in_it = begin == std::string::npos || text[begin] == ';';
  text.erase(0, nothing_in_it ? text.size() : begin);
}

}  // namespace

std::vector<ListedAddress> parse_address_list(std::string_view field) {
  field = field.substr(0, longest_field);
  while (!field.empty() && is_space(field.back())) field.remove_suffix(1);
  auto text = without_escaped_backslashes(field);
  drop_group_name(text);
  if (trim(text).empty()) return {};
  return Reader(text).run();
}

void prepare_address_lists() { patterns(); }

}  // namespace postern
