#include "gateway/mail/dsn_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gateway/base/bytes.h"
#include "gateway/mail/charset.h"
#include "gateway/mail/date.h"

namespace postern {

namespace {

constexpr std::size_t columns = 76;
constexpr std::size_t longest_quote = 600;  // of a server's answer

/// What RFC 3463's subject and detail mean to the sender. Detail 0 is for all of a subject that
/// stand not here by themselves; the first match counts.
struct Explanation {
  std::uint16_t subject;
  std::uint16_t detail;
  std::string_view failed;
};

constexpr std::array explanations = {
    Explanation{1, 1, "There is no such address. Please check how it is written."},
    Explanation{
        1, 2,
        "The part behind the @ does not exist or takes no mail. Please check how it is written."},
    Explanation{1, 3, "The address is not written as an address can be. Please check it."},
    Explanation{1, 6, "The mailbox has moved, and the server does not say where to."},
    Explanation{1, 8, "The receiving server does not accept your address as a sender."},
    Explanation{1, 10,
                "The part behind the @ takes no mail at all. Please check how it is written."},
    Explanation{1, 0, "The address could not be used. Please check how it is written."},
    Explanation{2, 1, "The mailbox has been switched off."},
    Explanation{2, 2,
                "The mailbox is full. Its owner has to make room; then send your message again."},
    Explanation{2, 3, "Your message is larger than this mailbox accepts. Please make it smaller."},
    Explanation{2, 0, "The mailbox could not take your message."},
    Explanation{
        3, 4, "Your message is larger than the receiving server accepts. Please make it smaller."},
    Explanation{3, 0, "The receiving server could not take your message."},
    Explanation{4, 6,
                "The message went round in circles between servers. Their administrators have to "
                "correct this."},
    Explanation{4, 7,
                "The receiving server could not be reached, or put us off, until the time for "
                "trying was over."},
    Explanation{4, 0, "The receiving server could not be reached."},
    Explanation{5, 3, "There are more recipients than the receiving server accepts at a time."},
    Explanation{
        5, 0,
        "The two servers did not understand each other. The administrators have to correct this."},
    Explanation{6, 7, "The receiving server cannot handle addresses with these letters."},
    Explanation{6, 0, "The receiving server cannot handle the way this message is written."},
    Explanation{
        7, 0,
        "The receiving server refused your message by its rules. Its answer below may say why."},
};

std::string_view explain(EnhancedCode status) {
  for (const auto& explanation : explanations) {
    if (explanation.subject != status.subject) continue;
    if (explanation.detail == 0 || explanation.detail == status.detail) return explanation.failed;
  }
  return "The receiving server did not take your message.";
}

std::string without_controls(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

/// One line of text without controls, in UTF-8.
std::string one_line(std::string_view text) {
  return without_controls(to_utf8(text.substr(0, longest_quote), "utf-8"));
}

/// Appends `text` as indented lines. A word that no line can hold has its own.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string line;
  while (!text.empty()) {
    const auto blank = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && indent + line.size() + 1 + word.size() > columns) {
      out += margin + line + "\r\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) out += margin + line + "\r\n";
}

bool has(const DsnRequest& request, DsnAction action) {
  return std::ranges::any_of(request.recipients,
                             [action](const auto& r) { return r.action == action; });
}

/// The worst that happened gives the letter its tone.
DsnAction worst(const DsnRequest& request) {
  if (has(request, DsnAction::failed)) return DsnAction::failed;
  return has(request, DsnAction::delayed) ? DsnAction::delayed : DsnAction::delivered;
}

const DsnTemplate& template_for(const DsnRequest& request) {
  switch (worst(request)) {
    case DsnAction::failed:
      return request.templates.failure;
    case DsnAction::delayed:
      return request.templates.delay;
    case DsnAction::delivered:
    case DsnAction::relayed:
    case DsnAction::expanded:
      break;
  }
  return request.templates.success;
}

std::string value_of(const DsnRequest& request, std::string_view name) {
  if (name == "myhostname") return one_line(request.reporting_mta);
  if (name == "sender") return one_line(request.sender);
  if (name == "postmaster") return one_line(request.postmaster);
  if (name == "arrival") return format_date(request.arrival);
  if (name == "delay_warning_time") return in_words(request.delay_warning_time);
  if (name == "maximal_queue_lifetime") return in_words(request.maximal_queue_lifetime);
  if (name == "reason" && !request.recipients.empty())
    return one_line(request.recipients.front().diagnostic);
  return "";
}

void append_recipient(std::string& out, const DsnRecipient& recipient) {
  out += "  <" + one_line(recipient.address) + ">\r\n";
  switch (recipient.action) {
    case DsnAction::failed:
      append_wrapped(out, explain(recipient.status), 4);
      break;
    case DsnAction::delayed:
      append_wrapped(out, "Not delivered yet.", 4);
      if (recipient.retry_until) {
        append_wrapped(out, "Tries end at " + format_date(*recipient.retry_until) + ".", 4);
      }
      break;
    case DsnAction::delivered:
      append_wrapped(out, "Delivered.", 4);
      break;
    case DsnAction::relayed:
      append_wrapped(
          out,
          "Handed on to a mail server that sends no reports like this one. You will hear "
          "from it only if delivery fails there.",
          4);
      break;
    case DsnAction::expanded:
      append_wrapped(out, "This address stands for several. It was sent on to each of them.", 4);
      break;
  }
  if (!recipient.diagnostic.empty()) {
    const std::string who = recipient.remote_mta.empty()
                                ? "In technical words: "
                                : one_line(recipient.remote_mta) + " answered: ";
    append_wrapped(out, who + one_line(recipient.diagnostic), 4);
  }
  out += "\r\n";
}

}  // namespace

std::string dsn_subject(const DsnRequest& request) {
  const auto value = [&](std::string_view name) { return value_of(request, name); };
  return one_line(fill(template_for(request).subject, value));
}

std::string dsn_text(const DsnRequest& request) {
  const auto value = [&](std::string_view name) { return value_of(request, name); };
  std::string out;
  for (const std::string_view line : split(template_for(request).text, '\n')) {
    if (trim(line) == "$recipients" || trim(line) == "${recipients}") {
      for (const auto& recipient : request.recipients) append_recipient(out, recipient);
      continue;
    }
    const std::string filled = without_controls(fill(line, value));
    if (filled.size() <= columns) {
      out += filled + "\r\n";
    } else {
      append_wrapped(out, filled, std::min(filled.find_first_not_of(' '), columns / 2));
    }
  }
  // The template's last line ends with a line break, after which nothing stands.
  while (out.ends_with("\r\n\r\n")) out.resize(out.size() - 2);
  return out;
}

}  // namespace postern
