#include "gateway/control/message_details.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gateway/control/rows.h"
#include "gateway/control/standing.h"

namespace postern {
namespace {

namespace json = boost::json;

/// Of a message, sent in one piece.
constexpr std::size_t piece_size = 256U << 10;

std::string_view name_of(RecipientState state) {
  switch (state) {
    case RecipientState::queued:
      return "queued";
    case RecipientState::delivered:
      return "delivered";
    case RecipientState::bounced:
      return "bounced";
    case RecipientState::removed:
      return "removed";
  }
  return "";
}

/// What it waits for, in words.
std::string waits_for(const Standing& standing, const Whereabouts& where) {
  if (standing.state == QueueState::hold) return "its release by an administrator";
  switch (where.state) {
    case Whereabouts::State::active:
      return "a delivery that runs or is about to";
    case Whereabouts::State::turn:
      return where.reason.empty() ? "its turn" : "its destination to answer again";
    case Whereabouts::State::time:
      return "the time of its next attempt";
    case Whereabouts::State::unknown:
      return "the scheduler to hear of it";
  }
  return "";
}

/// Where the tables, or an administrator, send this recipient now.
std::string route_of(const Policies& policies, const Envelope& envelope,
                     const std::string& address) {
  if (!envelope.route.empty()) return envelope.route;
  const auto route = policies.routes.route_for(address);
  return route ? route->name() : "unknown: " + route.error().what;
}

json::array recipients_of(const Envelope& envelope, const Policies& policies) {
  json::array out;
  for (const QueuedRecipient& each : envelope.recipients) {
    json::object one;
    one["address"] = utf8_or_escaped(each.address);
    one["state"] = name_of(each.state);
    if (each.open()) one["route"] = utf8_or_escaped(route_of(policies, envelope, each.address));
    if (!each.original.empty()) one["original"] = utf8_or_escaped(each.original);
    if (!each.orcpt.empty()) one["orcpt"] = utf8_or_escaped(each.orcpt);
    if (each.notify != 0) one["notify"] = each.notify;
    if (each.variant != 0) one["variant"] = each.variant;
    if (each.kind == RecipientKind::archive) one["kind"] = "archive";
    out.push_back(std::move(one));
  }
  return out;
}

json::array variants_of(const Envelope& envelope) {
  json::array out;
  for (const Variant& variant : envelope.variants) {
    json::object one;
    one["prepend"] = utf8_or_escaped(variant.prepend);
    json::array edits;
    for (const HeaderEdit& edit : variant.edits) {
      if (edit.kind == HeaderEdit::Kind::enclose) {
        edits.emplace_back("enclose, " + std::to_string(edit.value.size()) + " octets before and " +
                           std::to_string(edit.name.size()) + " behind");
        continue;
      }
      const bool removes = edit.kind == HeaderEdit::Kind::remove;
      edits.emplace_back((removes ? "remove " : "replace ") + utf8_or_escaped(edit.name) +
                         (edit.value.empty() ? "" : ": " + utf8_or_escaped(edit.value)));
    }
    if (!edits.empty()) one["edits"] = std::move(edits);
    out.push_back(std::move(one));
  }
  return out;
}

json::object describe(const Envelope& envelope, const Standing& standing, const Whereabouts& where,
                      const Policies& policies) {
  json::object out;
  out["id"] = envelope.id.text();
  out["state"] = name_of(standing.state);
  out["waits_for"] = waits_for(standing, where);
  out["arrival"] = epoch_seconds(envelope.arrival);
  out["size"] = envelope.content_size;
  out["attempts"] = envelope.attempts;
  out["next"] = epoch_seconds(standing.next);
  out["reason"] = utf8_or_escaped(standing.reason);
  out["last_reply"] = utf8_or_escaped(envelope.last_reply);
  out["sender"] = utf8_or_escaped(envelope.sender);
  out["client"] = envelope.client_address;
  out["client_name"] = utf8_or_escaped(envelope.client_name);
  out["helo"] = utf8_or_escaped(envelope.helo);
  if (!envelope.route.empty()) out["route"] = utf8_or_escaped(envelope.route);
  if (!envelope.ret.empty()) out["ret"] = utf8_or_escaped(envelope.ret);
  if (!envelope.envid.empty()) out["envid"] = utf8_or_escaped(envelope.envid);
  out["smtputf8"] = envelope.utf8;
  out["eight_bit"] = envelope.eight_bit;
  out["delay_notice_sent"] = envelope.delay_notice_sent;
  out["recipients"] = recipients_of(envelope, policies);
  out["variants"] = variants_of(envelope);
  return out;
}

std::unexpected<Error> unreadable(MessageId id, Error error) {
  if (error.code == std::errc::no_such_file_or_directory)
    return fail(std::errc::no_such_file_or_directory,
                "there is no message " + id.text() + " in the queue");
  return std::unexpected(std::move(error));
}

}  // namespace

Task<Result<std::uint64_t>> show_message(DeskParts parts, MessageId id, DeskAnswer& answer) {
  auto envelope =
      co_await parts.files.run(parts.loop, [&parts, id] { return parts.spool.envelope(id); });
  if (!envelope) co_return unreadable(id, std::move(envelope).error());
  const Whereabouts where = parts.dispatcher.where(id);
  MessageSummary summary;  // as far as its standing needs it
  summary.id = id;
  summary.attempts = envelope->attempts;
  summary.next_attempt = envelope->next_attempt;
  summary.last_reply = envelope->last_reply;
  summary.hold = envelope->hold;
  const Standing standing = standing_of(summary, where, parts.now());
  const auto config = parts.dispatcher.config();
  std::string line = json::serialize(describe(*envelope, standing, where, *config->policies));
  line += '\n';
  co_await answer.lines(std::move(line));
  co_return 1U;
}

Task<Result<std::uint64_t>> print_message(DeskParts parts, MessageId id, DeskAnswer& answer) {
  auto rendered = co_await parts.files.run(parts.loop, [&parts, id]() -> Result<Rendered> {
    TRY(const Envelope envelope, parts.spool.envelope(id));
    TRY(const Content content, parts.spool.content(id));
    const auto open = std::ranges::find_if(envelope.recipients, &QueuedRecipient::open);
    const std::size_t variant = open == envelope.recipients.end() ? 0 : open->variant;
    return render(envelope.variants.at(variant), content);
  });
  if (!rendered) co_return unreadable(id, std::move(rendered).error());
  bool wanted = co_await answer.octets(rendered->prefix);
  const std::string& body = *rendered->body;
  for (std::size_t at = 0; wanted && at < body.size(); at += piece_size) {
    std::string piece = body.substr(at, piece_size);
    wanted = co_await answer.octets(std::move(piece));
  }
  co_return 1U;
}

}  // namespace postern
