#include "gateway/bayes/learning.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/bytes.h"
#include "rules/evals/mail_date.h"

namespace postern {
namespace {

using Texts = std::deque<std::string_view>;

constexpr std::int64_t tomorrow = 86400;

/// Values of the fields of that name; the lines outlive them.
Texts values_of(const std::vector<std::string>& lines, std::string_view name) {
  Texts out;
  for (const std::string_view line : lines) {
    if (line.size() > name.size() && line[name.size()] == ':' &&
        starts_with_ignoring_case(line, name))
      out.push_back(line.substr(name.size() + 1));
  }
  return out;
}

std::optional<std::int64_t> first_date(const Texts& texts) {
  for (const auto text : texts) {
    const auto date = parse_mail_date(text);
    if (date && *date != 0) return date;
  }
  return {};
}

bool finds(const Regex& wanted, std::string_view text, Matcher& matcher) {
  return wanted.matches(text, matcher) == Regex::Outcome::match;
}

struct Hops {
  Regex local = native(
      R"(/qmail \d+ invoked by uid \d+|\bfrom (?:localhost\s|(?:\S+ ){1,2}\S*\b127\.0\.0\.1\b)/)");
  Regex fetched = native(R"(/\bby localhost with \w+ \(fetchmail-[\d.]+/)");

 private:
  static Regex native(std::string_view written) {
    auto regex = Regex::compile(written);
    regex->compile_native();
    return std::move(*regex);
  }
};

const Hops& hops() {
  static const Hops made;
  return made;
}

/// Takes the hops within one machine off the top: they know when the message was fetched, not when
/// it came.
Texts take_local_hops(Texts& received, Matcher& matcher) {
  Texts out;
  const auto take = [&] {
    out.push_back(received.front());
    received.pop_front();
  };
  if (!received.empty() && finds(hops().local, received.front(), matcher)) take();
  if (!received.empty() && finds(hops().fetched, received.front(), matcher)) {
    take();
  } else if (!out.empty()) {
    received.push_front(out.front());
    out.pop_front();
  }
  return out;
}

/// "From joe Sat Nov 21 08:15:02 2026", the line in front of a message in a mailbox file.
Texts mailbox_line(std::string_view octets) {
  constexpr std::string_view start = "From ";
  if (!octets.starts_with(start)) return {};
  return {octets.substr(start.size(), octets.find('\n') - start.size())};
}

/// The name under which it was learnt, and as what.
Result<std::optional<std::pair<std::string, bool>>> remembered(const TokenDatabase::Change& change,
                                                               const Lesson& lesson) {
  using Found = std::optional<std::pair<std::string, bool>>;
  for (const auto& name : {lesson.names.generated, lesson.names.message_id}) {
    TRY(const auto seen, change.seen(name));
    if (seen) return Found(std::pair(name, *seen));
  }
  return Found();
}

Result<> take_back(TokenDatabase::Change& change, const Lesson& lesson, const std::string& name,
                   bool spam) {
  TRY(change.count_messages(spam ? -1 : 0, spam ? 0 : -1));
  TRY(change.count(lesson.tokens, spam ? -1 : 0, spam ? 0 : -1, 0));
  return change.forget_seen(name);
}

Result<> write_down(TokenDatabase::Change& change, const Lesson& lesson, bool spam) {
  TRY(change.count_messages(spam ? 1 : 0, spam ? 0 : 1));
  TRY(change.count(lesson.tokens, spam ? 1 : 0, spam ? 0 : 1, lesson.received));
  return change.set_seen(lesson.names.generated, spam);
}

}  // namespace

void prepare_lessons() { hops(); }

std::int64_t received_time(ScannedMessage& message, std::int64_t now) {
  const auto& lines = message.headers().list("ALL");
  Texts received = values_of(lines, "Received");
  const Texts local = take_local_hops(received, message.matcher());
  Texts newest;
  if (!received.empty()) {
    newest.push_back(received.front());
    received.pop_front();
  }
  for (const auto& texts : {newest, local, mailbox_line(message.input().octets), received,
                            values_of(lines, "Resent-Date"), values_of(lines, "Date")}) {
    if (const auto date = first_date(texts)) return *date;
  }
  return now;
}

Lesson lesson_of(ScannedMessage& message, std::int64_t now) {
  Lesson lesson;
  lesson.tokens = message.memo<MessageTokens>().tokens;
  lesson.names = learning_names(message);
  auto received = received_time(message, now);
  if (received - now > tomorrow) received = now;
  lesson.received = static_cast<std::uint32_t>(std::clamp<std::int64_t>(received, 0, UINT32_MAX));
  return lesson;
}

Result<Learnt> learn(TokenDatabase::Change& change, const Lesson& lesson, bool spam) {
  TRY(const auto before, remembered(change, lesson));
  if (before && before->second == spam) return Learnt::before;
  if (before) TRY(take_back(change, lesson, before->first, before->second));
  TRY(write_down(change, lesson, spam));
  return before ? Learnt::instead : Learnt::anew;
}

Result<bool> learn_unasked(TokenDatabase::Change& change, const AutoLesson& lesson) {
  TRY(const auto before, remembered(change, lesson.lesson));
  if (before) return false;
  TRY(write_down(change, lesson.lesson, lesson.spam));
  return true;
}

Result<bool> forget(TokenDatabase::Change& change, const Lesson& lesson) {
  TRY(const auto before, remembered(change, lesson));
  if (!before) return false;
  TRY(take_back(change, lesson, before->first, before->second));
  return true;
}

}  // namespace postern
