#include "rules/message/scanned_message.h"

#include "rules/parts/header_section.h"

namespace postern {

ScannedMessage::ScannedMessage(const ScanInput& input, const RuleSettings& settings,
                               Matcher& matcher)
    : input_(input),
      settings_(settings),
      matcher_(matcher),
      octets_(without_mbox_line(input.octets)) {}

const MessageParts& ScannedMessage::parts() {
  if (!parts_) parts_.emplace(octets_);
  return *parts_;
}

HeaderValues& ScannedMessage::headers() {
  if (!headers_) headers_.emplace(parts().fields(), input_.envelope_from);
  return *headers_;
}

const Relays& ScannedMessage::relays() {
  if (!relays_) relays_.emplace(headers(), settings_.networks);
  return *relays_;
}

const std::vector<std::string>& ScannedMessage::body() {
  if (!body_) body_.emplace(body_text(parts(), headers().subject(), settings_.text));
  return *body_;
}

const std::vector<std::string>& ScannedMessage::rawbody() {
  if (!rawbody_) rawbody_.emplace(rawbody_text(parts(), settings_.text));
  return *rawbody_;
}

const MessageUris& ScannedMessage::uris() {
  if (!uris_) uris_.emplace(parts(), body(), settings_.text, settings_.domains, matcher_);
  return *uris_;
}

}  // namespace postern
