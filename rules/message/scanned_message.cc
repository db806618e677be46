#include "rules/message/scanned_message.h"

#include <functional>
#include <utility>

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
    std::function<std::optional<std::string>(std::string_view)> languages;
    if (settings_.languages.models)
      languages = [this](std::string_view field) { return stand_in(field); };
    headers_.emplace(HeaderInput{.fields = parts().fields(),
                                 .header = parts().header(),
                                 .crlf = false,
                                 .envelope_from = input_.envelope_from,
                                 .networks = settings_.networks,
                                 .boundaries = settings_.domains.boundaries,
                                 .stand_in = std::move(languages)});
  }
  return *headers_;
}

const Relays& ScannedMessage::relays() { return headers().relays(); }

const std::vector<std::string>& ScannedMessage::body() {
  if (!body_) body_.emplace(body_text(parts(), std::string(headers().subject()), settings_.text));
  return *body_;
}

void ScannedMessage::change_body(std::size_t paragraph, std::string text) {
  if (body()[paragraph] == text) return;
  languages();  // guessed before anything is taken out
  if (!unchanged_body_) unchanged_body_ = body_;
  (*body_)[paragraph] = std::move(text);
}

const std::vector<std::string>& ScannedMessage::rawbody() {
  if (!rawbody_) rawbody_.emplace(rawbody_text(parts(), settings_.text));
  return *rawbody_;
}

const MessageUris& ScannedMessage::uris() {
  if (!uris_) uris_.emplace(parts(), body(), settings_.domains, matcher_);
  return *uris_;
}

const LanguageGuess& ScannedMessage::languages() {
  if (!languages_) {
    languages_.emplace();
    if (settings_.languages.models) *languages_ = guess_languages(body(), settings_.languages);
  }
  return *languages_;
}

/// What TextCat leaves for header rules.
std::optional<std::string> ScannedMessage::stand_in(std::string_view field) {
  if (field == "x-languages") return languages().text();
  if (field == "x-languages-length") return std::to_string(languages().length);
  return {};
}

}  // namespace postern
