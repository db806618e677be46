// dsn_template.h — the words of a report that an administrator may choose.
//
// A template is plain text with variables in it: $name or ${name}, and $$ for a dollar. It is
// checked when it is read, so that a typing error stops the reload and not a report.
//
//   myhostname  sender  reason  arrival  postmaster  delay_warning_time  maximal_queue_lifetime
//   recipients  in the text, alone on its line: who is meant, what happened, what the server said
//
// "reason" is the answer that the first recipient got, "sender" who gets the report.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/config.h"

namespace postern {

struct DsnTemplate {
  std::string subject;
  std::string text;
};

/// Made with the words that we ship.
struct DsnTemplates {
  DsnTemplates();
  DsnTemplate failure;
  DsnTemplate delay;
  DsnTemplate success;
};

/// The tables [failure], [delay] and [success]; what is not in them keeps our words.
void describe(DsnTemplates& templates, Keys& keys);

enum class DsnTemplatePart : std::uint8_t { subject, text };

/// Why it cannot be used, with the line of it; nothing: it can.
std::optional<std::string> mistake_in_template(std::string_view text, DsnTemplatePart part);

/// The text with values in place of its variables; what no template may have stays as it is.
std::string fill(std::string_view text, const std::function<std::string(std::string_view)>& value);

/// "5 days", "4 hours", "90 seconds": for people.
std::string in_words(milliseconds time);

}  // namespace postern
