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
  if (!headers_) {
    headers_.emplace(HeaderInput{.fields = parts().fields(),
                                 .header = parts().header(),
                                 .crlf = false,
                                 .envelope_from = input_.envelope_from,
                                 .networks = settings_.networks,
                                 .boundaries = settings_.domains.boundaries});
  }
  return *headers_;
}

const Relays& ScannedMessage::relays() { return headers().relays(); }

const std::vector<std::string>& ScannedMessage::body() {
  if (!body_) body_.emplace(body_text(parts(), std::string(headers().subject()), settings_.text));
  return *body_;
}

std::vector<std::string>& ScannedMessage::changeable_body() {
  body();
  return *body_;
}

const std::vector<std::string>& ScannedMessage::rawbody() {
  if (!rawbody_) rawbody_.emplace(rawbody_text(parts(), settings_.text));
  return *rawbody_;
}

const MessageUris& ScannedMessage::uris() {
  if (!uris_) uris_.emplace(parts(), body(), settings_.domains, matcher_);
  return *uris_;
}

}  // namespace postern
