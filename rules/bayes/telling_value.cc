#include "rules/bayes/telling_value.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/bayes/address_tokens.h"
#include "rules/headers/address_list.h"

namespace postern {
namespace {

Regex pattern(std::string_view written) {
  auto compiled = Regex::compile(written);
  compiled->compile_native();
  return std::move(*compiled);
}

struct Patterns {
  Regex outlook_id = pattern(R"(/<[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}\@\S+>/)");
  Regex exim_id = pattern(R"(/<[A-Za-z0-9]{7}-[A-Za-z0-9]{6}-0[A-Za-z0-9]\@/)");
  Regex time_stamp_id =
      pattern(R"(/<20\d\d[01]\d[0-3]\d[0-2]\d[0-5]\d[0-5]\d\.[A-F0-9]{10,12}\@/)");

  std::array<Regex, 4> received_ids{
      pattern(R"(/\swith\sSMTP\sid\sg[\dA-Z]{10,12}\s/)"),
      pattern(R"(/\swith\sESMTP\sid\s[\dA-F]{10,12}\s/)"),
      pattern(R"(/\bid\s[a-zA-Z0-9]{7,20}\b/)"),
      pattern(R"(/\bid\s[A-Za-z0-9]{7}-[A-Za-z0-9]{6}-0[A-Za-z0-9]/)")};
  Regex received_date =
      pattern(R"(/(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s)?[0-3\s]?[0-9]\s)"
              R"((?:Jan|Feb|Ma[ry]|Apr|Ju[nl]|Aug|Sep|Oct|Nov|Dec)\s(?:19|20)?[0-9]{2}\s)"
              R"([0-2][0-9](?::[0-5][0-9]){1,2}\s)"
              R"((?:\s*\(|\)|\s*[+-][0-9]{4}|\s*(?:UT|[A-Z]{2,3}T))*/)");
  Regex received_address = pattern(R"(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/)");
  Regex received_words = pattern(R"(/\b(?:with|from|for|SMTP|ESMTP)\b/)");

  Regex boundary = pattern(R"(/boundary=["'].*?["']/i)");
  Regex type_words = pattern(R"(/\b(?:text|charset)\b/)");
  Regex relay_keys = pattern("/ [a-z]+=/");
};

const Patterns& patterns() {
  static const Patterns made;
  return made;
}

/// Every match goes; `put` says what comes in its place.
template <class Put>
void replace_all(std::string& text, const Regex& wanted, Matcher& matcher, Put put) {
  std::string out;
  std::size_t copied = 0;
  Regex::Span found;
  while (wanted.find(text, copied, false, matcher, found) == Regex::Outcome::match) {
    if (found.empty()) break;  // none of the patterns here can match nothing
    out.append(text, copied, found.from - copied);
    put(std::string_view(text).substr(found.from, found.to - found.from), out);
    copied = found.to;
  }
  if (copied == 0) return;
  out.append(text, copied);
  text = std::move(out);
}

void blank_out(std::string& text, const Regex& wanted, Matcher& matcher) {
  replace_all(text, wanted, matcher, [](std::string_view, std::string& out) { out += ' '; });
}

/// How mail programs build message ids. Outlook Express has times in it, of which the upper digits
/// are worth keeping; Exim and Eudora have nothing but numbers.
void cut_message_id(std::string& value, Matcher& matcher) {
  replace_all(value, patterns().outlook_id, matcher, [](std::string_view id, std::string& out) {
    out.append(" OEA").append(id.substr(1, 4)).append(" OEB").append(id.substr(14, 4));
    out.append(" OEC").append(id.substr(23, 8)).append(" ");
    out.append(id.substr(32, id.size() - 33)).append(" ");
  });
  Regex::Span found;
  if (patterns().exim_id.find(value, 0, false, matcher, found) == Regex::Outcome::match)
    value.erase(found.from, found.to - found.from);
  replace_all(value, patterns().time_stamp_id, matcher, [](std::string_view, std::string&) {});
  std::ranges::replace_if(
      value, [](char c) { return !is_alpha(c) && !is_digit(c) && c != '_'; }, ' ');
}

/// The words of names, and the addresses with all their domains.
void take_addresses_apart(std::string& value) {
  std::string out;
  const auto add = [&out](std::string_view kind, std::string_view text) {
    out.append(out.empty() ? "" : " ").append(kind).append(text);
  };
  for (const auto& listed : parse_address_list(value)) {
    std::string_view name = listed.name ? *listed.name : std::string_view();
    while (!(name = trim(name)).empty()) {
      const auto end =
          static_cast<std::size_t>(std::ranges::find_if(name, is_space) - name.begin());
      add("N*", name.substr(0, end));
      name.remove_prefix(end);
    }
    if (listed.address) each_address_token(*listed.address, add);
  }
  value = std::move(out);
}

/// Ids and dates go; of addresses the network comes apart from the whole, which gets "ip*".
void cut_received(std::string& value, Matcher& matcher) {
  for (const auto& id : patterns().received_ids) blank_out(value, id, matcher);
  replace_all(value, patterns().received_date, matcher, [](std::string_view, std::string&) {});
  replace_all(value, patterns().received_address, matcher,
              [](std::string_view ip, std::string& out) {
                out.append(ip.substr(0, ip.rfind('.'))).append(" ip*").append(ip).append(" ");
              });
  blank_out(value, patterns().received_words, matcher);
}

/// boundary="…" is no longer than its form: digits and A to F become H, and separators stand apart.
void cut_content_type(std::string& value, Matcher& matcher) {
  constexpr std::size_t before = std::string_view("boundary='").size();
  std::string form;
  replace_all(value, patterns().boundary, matcher, [&](std::string_view found, std::string& out) {
    out += ' ';
    form.clear();
    bool apart = false;
    for (const char c : found.substr(before, found.size() - before - 1)) {
      const bool separates = c == '-' || c == '_' || c == '.' || c == '=';
      if (separates != apart) form += ' ';
      apart = separates;
      const bool digit = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
      form += digit ? 'H' : c;
    }
    if (apart) form += ' ';
  });
  value += form;
  blank_out(value, patterns().type_words, matcher);
}

bool holds_addresses(std::string_view lower_name) {
  for (const std::string_view before : {"x-", "resent-"}) {
    if (lower_name.starts_with(before)) {
      lower_name.remove_prefix(before.size());
      break;
    }
  }
  static constexpr std::array<std::string_view, 8> names{
      "return-path", "from", "to", "cc", "reply-to", "errors-to", "mail-followup-to", "sender"};
  return std::ranges::find(names, lower_name) != names.end();
}

bool holds_message_id(std::string_view lower_name) {
  return lower_name == "message-id" || lower_name == "x-message-id" ||
         lower_name == "resent-message-id";
}

/// " ip=192.0.2.1 rdns=" to " 192.0.2.1 ".
void cut_relays(std::string& value, Matcher& matcher) {
  blank_out(value, patterns().relay_keys, matcher);
}

}  // namespace

void prepare_telling_values() { patterns(); }

std::string telling_value(const HeaderText& field, std::string_view lower_name, Matcher& matcher) {
  std::string value(field.value);
  if (holds_message_id(lower_name)) {
    cut_message_id(value, matcher);
  } else if (holds_addresses(lower_name)) {
    take_addresses_apart(value);
  } else if (field.name == "Received") {
    value.insert(0, 1, ' ');  // the blank behind the colon, which the patterns know of
    cut_received(value, matcher);
  } else if (field.name == "Content-Type") {
    cut_content_type(value, matcher);
  } else if (field.name == "MIME-Version") {
    if (const auto usual = value.find("1.0"); usual != std::string::npos) value.erase(usual, 3);
  } else if (field.name.starts_with("x-spam-relays-")) {
    cut_relays(value, matcher);
  }
  return value;
}

}  // namespace postern
