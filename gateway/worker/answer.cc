#include "gateway/worker/answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "gateway/worker/frame.h"
#include "gateway/worker/wire.h"

namespace postern {
namespace {

constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_reply = 4096;
constexpr std::size_t longest_finding_name = 200;
constexpr std::size_t longest_finding_text = 1000;
constexpr std::size_t longest_field_name = 100;
constexpr std::size_t longest_value = 16'384;
constexpr std::size_t most_findings = 1000;
constexpr std::size_t longest_enclosure = 65'536;
constexpr std::size_t most_changes = 400;    // of a whole opinion
constexpr std::size_t most_enclosures = 33;  // one for each share, and one for all
constexpr std::size_t most_shares = 32;
constexpr std::size_t most_shared = 10'000;  // recipients in all shares
constexpr std::size_t wire_token = 5;        // octets of a token
constexpr double largest_score = 1e6;
constexpr std::uint16_t largest_detail = 999;  // RFC 3463 §2: up to three digits

constexpr std::size_t least_finding = 4 + 8 + 4;
constexpr std::size_t least_change = 1 + 4 + 4;
constexpr std::size_t least_share = 4 + 4 + 1 + 4;
static_assert(64 + longest_reason + longest_reply +
                      most_findings *
                          (least_finding + longest_finding_name + longest_finding_text) +
                      most_changes * (least_change + longest_field_name + longest_value) +
                      most_enclosures * (longest_field_name + longest_enclosure) +
                      most_shares * (least_share + longest_reason) + most_shared * 4 +
                      longest_generated_name + most_auto_tokens * wire_token <
                  largest_answer,
              "what the encoder may write must be what the decoder accepts");

/// Which controls a text may hold.
enum class Lines { none, replies, folded, all };

// True where the octet at `i` may stand: no controls, but for '\n' between the lines of a reply,
// and for the tab and the CRLF before a blank of a folded field (RFC 5322 §2.2.3).
bool allowed(std::string_view text, std::size_t i, Lines lines) {
  const auto blank_at = [&](std::size_t at) {
    return at < text.size() && (text[at] == ' ' || text[at] == '\t');
  };
  const auto octet = static_cast<unsigned char>(text[i]);
  if (octet >= 0x20 && octet != 0x7f) return true;
  if (octet == '\n' && lines == Lines::replies) return true;
  // Whole lines of a message: CRLF and tabs, as a sender could have brought them.
  if (lines == Lines::all) {
    if (octet == '\t') return true;
    if (octet == '\r') return i + 1 < text.size() && text[i + 1] == '\n';
    return octet == '\n' && i > 0 && text[i - 1] == '\r';
  }
  if (lines != Lines::folded) return false;
  if (octet == '\t') return true;
  if (octet == '\r') return i + 1 < text.size() && text[i + 1] == '\n' && blank_at(i + 2);
  return octet == '\n' && i > 0 && text[i - 1] == '\r' && blank_at(i + 1);
}

bool clean(std::string_view text, Lines lines) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!allowed(text, i, lines)) return false;
  }
  return true;
}

std::string cleaned(std::string_view text, std::size_t limit, Lines lines) {
  text = text.substr(0, limit);
  std::string out(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!allowed(text, i, lines)) out[i] = '?';
  }
  return out;
}

double bounded(double value) {
  return std::isfinite(value) ? std::clamp(value, -largest_score, largest_score) : 0;
}

bool names_a_field(Change::Kind kind) {
  return kind == Change::Kind::add_field || kind == Change::Kind::remove_field ||
         kind == Change::Kind::replace_field;
}

std::size_t longest_value_of(Change::Kind kind) {
  return kind == Change::Kind::enclose ? longest_enclosure : longest_value;
}

Lines lines_of(Change::Kind kind) {
  if (kind == Change::Kind::enclose) return Lines::all;
  return names_a_field(kind) ? Lines::folded : Lines::none;
}

// RFC 5322 §2.2: printable, without the colon. Changes that are no fields have no name.
bool valid_name(const Change& change) {
  if (change.kind == Change::Kind::enclose)
    return change.name.size() <= longest_field_name && clean(change.name, Lines::all);
  if (!names_a_field(change.kind)) return change.name.empty();
  return !change.name.empty() && change.name.size() <= longest_field_name &&
         std::ranges::all_of(change.name, [](char c) { return c > 32 && c < 127 && c != ':'; });
}

bool valid_reply(Verdict verdict, const Reply& reply) {
  if (reply.code == 0) return true;  // the stage's usual one
  const bool temporary = reply.code >= 400 && reply.code <= 499;
  const bool permanent = reply.code >= 500 && reply.code <= 599;
  const bool fits = verdict == Verdict::defer ? temporary
                    : verdict == Verdict::reject
                        ? permanent
                        : verdict == Verdict::hang_up && (temporary || permanent);
  return fits && (!reply.enhanced.present() || reply.enhanced.klass == reply.code / 100);
}

// Without a control character, which backups of the database could not hold.
bool valid_lesson(const AutoLesson& said) {
  const Lesson& lesson = said.lesson;
  return !lesson.names.generated.empty() &&
         lesson.names.generated.size() <= longest_generated_name &&
         clean(lesson.names.generated, Lines::none) && lesson.tokens.size() <= most_auto_tokens &&
         std::ranges::adjacent_find(lesson.tokens, std::greater_equal<>()) == lesson.tokens.end();
}

/// What one opinion has left of its bounds.
struct Room {
  std::size_t changes = most_changes;
  std::size_t enclosures = most_enclosures;
  std::size_t recipients = most_shared;
};

/// Whether `change` still fits.
bool take_room(const Change& change, Room& room) {
  const bool encloses = change.kind == Change::Kind::enclose;
  if (room.changes == 0 || (encloses && room.enclosures == 0)) return false;
  --room.changes;
  if (encloses) --room.enclosures;
  return true;
}

/// An enclosure that is too long is left out: half of it would be a broken message.
std::vector<Change> within_bounds(const std::vector<Change>& changes, Room& room) {
  std::vector<Change> out;
  for (const Change& change : changes) {
    const bool too_long =
        change.kind == Change::Kind::enclose && change.value.size() > longest_enclosure;
    if (too_long || !valid_name(change) || !take_room(change, room)) continue;
    const auto limit = longest_value_of(change.kind);
    out.push_back({change.kind, change.name, cleaned(change.value, limit, lines_of(change.kind))});
  }
  return out;
}

// What an honest filter said, in the form that may travel.
Opinion within_bounds(const Opinion& opinion) {
  Opinion out;
  out.verdict = opinion.verdict;
  out.reply = opinion.reply;
  out.reply.text = cleaned(opinion.reply.text, longest_reply, Lines::replies);
  out.reply.enhanced.subject = std::min(out.reply.enhanced.subject, largest_detail);
  out.reply.enhanced.detail = std::min(out.reply.enhanced.detail, largest_detail);
  if (out.reply.code == 0 || !valid_reply(out.verdict, out.reply)) out.reply = {};
  out.reason = cleaned(opinion.reason, longest_reason, Lines::none);
  for (const Finding& finding : opinion.findings) {
    if (out.findings.size() == most_findings) break;
    out.findings.push_back({cleaned(finding.name, longest_finding_name, Lines::none),
                            bounded(finding.score),
                            cleaned(finding.text, longest_finding_text, Lines::none)});
  }
  Room room;
  out.changes = within_bounds(opinion.changes, room);
  for (const Share& share : opinion.shares) {
    if (out.shares.size() == most_shares) break;
    const auto count = std::min(share.recipients.size(), room.recipients);
    room.recipients -= count;
    out.shares.push_back(
        {.recipients = {share.recipients.begin(),
                        share.recipients.begin() + static_cast<std::ptrdiff_t>(count)},
         .hold = cleaned(share.hold, longest_reason, Lines::none),
         .spam = share.spam,
         .changes = within_bounds(share.changes, room)});
  }
  if (opinion.score) out.score = bounded(*opinion.score);
  if (opinion.required) out.required = bounded(*opinion.required);
  if (opinion.lesson && valid_lesson(*opinion.lesson)) out.lesson = opinion.lesson;
  return out;
}

void write_optional(WireWriter& out, const std::optional<double>& value) {
  out.flag(value.has_value());
  if (value) out.real(*value);
}

std::optional<double> read_optional(WireReader& in) {
  if (!in.flag()) return std::nullopt;
  return in.real(largest_score);
}

// The name of Message-Id stays behind: it is for databases of long ago, which the worker has asked.
void write_lesson(WireWriter& out, const AutoLesson* said) {
  out.flag(said != nullptr);
  if (said == nullptr) return;
  out.flag(said->spam);
  out.text(said->lesson.names.generated);
  out.u32(said->lesson.received);
  out.count(said->lesson.tokens.size());
  for (const Token token : said->lesson.tokens) {
    out.u8(static_cast<std::uint8_t>(token >> 32));
    out.u32(static_cast<std::uint32_t>(token));
  }
}

std::shared_ptr<const AutoLesson> read_lesson(WireReader& in) {
  if (!in.flag()) return nullptr;
  auto said = std::make_shared<AutoLesson>();
  said->spam = in.flag();
  said->lesson.names.generated = std::string(in.text(longest_generated_name));
  said->lesson.received = in.u32();
  said->lesson.tokens.resize(in.count(most_auto_tokens, wire_token));
  for (Token& token : said->lesson.tokens) {
    token = Token{in.u8()} << 32;
    token |= in.u32();
  }
  if (!valid_lesson(*said)) in.refuse();
  return said;
}

std::string read_text(WireReader& in, std::size_t limit, Lines lines) {
  const std::string_view text = in.text(limit);
  if (!clean(text, lines)) in.refuse();
  return std::string(text);
}

std::vector<Change> read_changes(WireReader& in, Room& room) {
  std::vector<Change> out(in.count(room.changes, least_change));
  for (Change& change : out) {
    const auto last = static_cast<std::uint8_t>(Change::Kind::enclose);
    change.kind = static_cast<Change::Kind>(in.u8_up_to(last));
    change.name = std::string(in.text(longest_field_name));
    if (!valid_name(change) || !take_room(change, room)) in.refuse();
    change.value = read_text(in, longest_value_of(change.kind), lines_of(change.kind));
  }
  return out;
}

void write_changes(WireWriter& out, const std::vector<Change>& changes) {
  out.count(changes.size());
  for (const Change& change : changes) {
    out.u8(static_cast<std::uint8_t>(change.kind));
    out.text(change.name);
    out.text(change.value);
  }
}

void read_lists(WireReader& in, Opinion& opinion) {
  opinion.findings.resize(in.count(most_findings, least_finding));
  for (Finding& finding : opinion.findings) {
    finding.name = read_text(in, longest_finding_name, Lines::none);
    finding.score = in.real(largest_score);
    finding.text = read_text(in, longest_finding_text, Lines::none);
  }
  Room room;
  opinion.changes = read_changes(in, room);
  opinion.shares.resize(in.count(most_shares, least_share));
  for (Share& share : opinion.shares) {
    share.recipients.resize(in.count(room.recipients, 4));
    room.recipients -= share.recipients.size();
    for (auto& recipient : share.recipients) recipient = in.u32();
    share.hold = read_text(in, longest_reason, Lines::none);
    share.spam = in.flag();
    share.changes = read_changes(in, room);
  }
}

constexpr std::array<std::errc, 4> failure_codes{std::errc::io_error, std::errc::timed_out,
                                                 std::errc::not_enough_memory,
                                                 std::errc::state_not_recoverable};

}  // namespace

std::string encode_opinion(const Opinion& opinion) {
  const Opinion said = within_bounds(opinion);
  WireWriter out;
  out.u8(static_cast<std::uint8_t>(said.verdict));
  out.u16(said.reply.code);
  out.u8(said.reply.enhanced.klass);
  out.u16(said.reply.enhanced.subject);
  out.u16(said.reply.enhanced.detail);
  out.text(said.reply.text);
  out.text(said.reason);
  write_optional(out, said.score);
  write_optional(out, said.required);
  out.count(said.findings.size());
  for (const Finding& finding : said.findings) {
    out.text(finding.name);
    out.real(finding.score);
    out.text(finding.text);
  }
  write_changes(out, said.changes);
  out.count(said.shares.size());
  for (const Share& share : said.shares) {
    out.count(share.recipients.size());
    for (const auto recipient : share.recipients) out.u32(recipient);
    out.text(share.hold);
    out.flag(share.spam);
    write_changes(out, share.changes);
  }
  write_lesson(out, said.lesson.get());
  return out.take();
}

Result<Opinion> decode_opinion(std::string_view body) {
  WireReader in(body);
  Opinion opinion;
  opinion.verdict = static_cast<Verdict>(in.u8_up_to(static_cast<std::uint8_t>(Verdict::hang_up)));
  opinion.reply.code = in.u16();
  opinion.reply.enhanced.klass = in.u8_up_to(5);
  opinion.reply.enhanced.subject = in.u16();
  opinion.reply.enhanced.detail = in.u16();
  opinion.reply.text = read_text(in, longest_reply, Lines::replies);
  opinion.reason = read_text(in, longest_reason, Lines::none);
  opinion.score = read_optional(in);
  opinion.required = read_optional(in);
  read_lists(in, opinion);
  opinion.lesson = read_lesson(in);
  if (!in.complete()) return fail(std::errc::bad_message, "an answer out of bounds");
  if (!valid_reply(opinion.verdict, opinion.reply) ||
      opinion.reply.enhanced.subject > largest_detail ||
      opinion.reply.enhanced.detail > largest_detail) {
    return fail(std::errc::bad_message, "an answer with a reply that cannot be");
  }
  return opinion;
}

std::string encode_failure(const Error& error) {
  std::uint8_t index = 0;
  for (std::uint8_t i = 1; i < failure_codes.size(); ++i) {
    if (error.code == failure_codes[i]) index = i;
  }
  WireWriter out;
  out.u8(index);
  out.text(cleaned(error.what, longest_reason, Lines::none));
  return out.take();
}

Result<Error> decode_failure(std::string_view body) {
  WireReader in(body);
  const std::size_t index = in.u8_up_to(failure_codes.size() - 1);
  std::string what = read_text(in, longest_reason, Lines::none);
  if (!in.complete()) return fail(std::errc::bad_message, "a failure out of bounds");
  return Error{std::make_error_code(failure_codes[index]), "worker: " + std::move(what)};
}

}  // namespace postern
