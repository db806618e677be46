#include "gateway/mail/dsn_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "gateway/mail/address.h"

namespace postern {
namespace {

// A letter and not a book; and every report carries it.
constexpr std::size_t longest_text = 16 * 1024;
constexpr std::size_t longest_subject = 200;

constexpr std::string_view block = "recipients";
const std::vector<std::string> variables = {"myhostname",
                                            "sender",
                                            "reason",
                                            "arrival",
                                            "postmaster",
                                            "delay_warning_time",
                                            "maximal_queue_lifetime",
                                            "recipients"};

constexpr const char* failure_text = R"(This is the mail system of $myhostname:
your message could not be delivered to those listed here. Nothing more will be tried for them: they will not see it unless you send it again.

$recipients
Your message reached us on $arrival.
If you cannot see what to do, forward all of this letter to your postmaster: <$postmaster>.
)";

constexpr const char* delay_text = R"(This is the mail system of $myhostname:
your message could not be delivered yet. You need not do anything: it is kept, and delivery goes on being tried. If it does not succeed within $maximal_queue_lifetime, you will get another letter like this one.

$recipients
Your message reached us on $arrival.
)";

constexpr const char* success_text = R"(This is the mail system of $myhostname:
here is what became of your message. You get this letter because you asked to be told, or because we wrote to you before that the message was late.

$recipients
Your message reached us on $arrival.
)";

/// One variable or "$$" at the start of `text`, which begins with a dollar.
struct Reference {
  std::string_view name;   // "" for "$$"
  std::size_t length = 0;  // octets it takes; 0: this is none
};

bool names_variable(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

Reference reference_at(std::string_view text) {
  if (text.starts_with("$$")) return {"", 2};
  const bool braces = text.starts_with("${");
  const std::size_t start = braces ? 2 : 1;
  std::size_t end = start;
  while (end < text.size() && names_variable(text[end])) ++end;
  if (end == start) return {};
  const std::string_view name = text.substr(start, end - start);
  if (!braces) return {name, end};
  if (end == text.size() || text[end] != '}') return {};
  return {name, end + 1};
}

std::optional<std::string> mistake_in_line(std::string_view line, DsnTemplatePart part) {
  const auto control = std::ranges::find_if(line, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  if (control != line.end()) return "a control character";
  for (std::size_t at = line.find('$'); at != std::string_view::npos;) {
    const Reference found = reference_at(line.substr(at));
    if (found.length == 0)
      return "a \"$\" without a name: write $name, ${name}, or $$ for a dollar";
    const std::string name(found.name);
    if (!name.empty() && std::ranges::find(variables, name) == variables.end()) {
      const auto meant = nearest(name, variables);
      return "there is no variable $" + name + (meant ? "; did you mean $" + *meant + "?" : "");
    }
    const bool alone = trim(line).size() == found.length;
    if (name == block && (part == DsnTemplatePart::subject || !alone))
      return "$recipients stands in the text, alone on its line";
    at = line.find('$', at + found.length);
  }
  return std::nullopt;
}

void describe_one(DsnTemplate& one, Keys& keys) {
  keys.text("subject", one.subject, "Of the letter. One line, with variables.");
  keys.text("text", one.text, "What a person reads: lines above 76 octets are wrapped.");
  if (one.subject.find('\n') != std::string::npos || one.subject.size() > longest_subject)
    keys.problem("subject", fmt::format("is one line of at most {} octets", longest_subject));
  if (const auto mistake = mistake_in_template(one.subject, DsnTemplatePart::subject))
    keys.problem("subject", *mistake);
  if (const auto mistake = mistake_in_template(one.text, DsnTemplatePart::text))
    keys.problem("text", *mistake);
}

}  // namespace

DsnTemplates::DsnTemplates()
    : failure{"Your message could not be delivered", failure_text},
      delay{"Your message is delayed", delay_text},
      success{"Your message was delivered", success_text} {}

void describe(DsnTemplates& templates, Keys& keys) {
  const auto table = [&keys](std::string_view name, DsnTemplate& one, std::string_view help) {
    keys.table(name, [&one](Keys& own) { describe_one(one, own); }, help);
  };
  table("failure", templates.failure, "The letter about what could not be delivered.");
  table("delay", templates.delay, "The letter about what is late.");
  table("success", templates.success, "The letter that a sender asked for.");
}

std::optional<std::string> mistake_in_template(std::string_view text, DsnTemplatePart part) {
  if (text.size() > longest_text)
    return fmt::format("has {} octets; {} are enough for a letter", text.size(), longest_text);
  if (!valid_utf8(text)) return "is not UTF-8";
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto mistake = mistake_in_line(line, part))
      return fmt::format("line {} of it: {}", number, *mistake);
  }
  return std::nullopt;
}

std::string fill(std::string_view text, const std::function<std::string(std::string_view)>& value) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    const Reference found = reference_at(text);
    if (found.length == 0 || found.name.empty()) {
      out += '$';
    } else {
      out += value(found.name);
    }
    text.remove_prefix(std::max<std::size_t>(found.length, 1));
  }
  return out;
}

std::string in_words(milliseconds time) {
  struct Unit {
    seconds length;
    const char* name;
  };
  constexpr std::array units = {
      Unit{std::chrono::days(1), "day"}, Unit{std::chrono::hours(1), "hour"},
      Unit{std::chrono::minutes(1), "minute"}, Unit{seconds(1), "second"}};
  for (const Unit& unit : units) {
    if (time < unit.length || time % unit.length != milliseconds(0)) continue;
    const auto count = time / unit.length;
    return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return fmt::format("{} seconds", std::chrono::ceil<seconds>(time).count());
}

}  // namespace postern
