// scanned_message.h — everything that rules and eval functions look at in one message.
//
// Each view is made at first use and once: parts, header values, relays, body and rawbody text,
// URIs. Eval functions keep what they find out for several rules in a memo of their own type.
// Belongs to one scan in one thread; points into the octets and settings, which must outlive it.
// All views are linear in the message and bounded by the limits in their headers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "rules/headers/header_value.h"
#include "rules/headers/relays.h"
#include "rules/message/scan_input.h"
#include "rules/ngrams/language_guess.h"
#include "rules/parts/message_parts.h"
#include "rules/parts/text.h"
#include "rules/patterns/regex.h"
#include "rules/settings.h"
#include "rules/uris/message_uris.h"

namespace postern {

class ScannedMessage {
 public:
  ScannedMessage(const ScanInput& input, const RuleSettings& settings, Matcher& matcher);
  ScannedMessage(const ScannedMessage&) = delete;
  ScannedMessage& operator=(const ScannedMessage&) = delete;

  const ScanInput& input() const { return input_; }
  const RuleSettings& settings() const { return settings_; }
  /// For regular expressions that an eval function runs itself.
  Matcher& matcher() { return matcher_; }

  /// Without an mbox "From " line.
  std::string_view octets() const { return octets_; }
  const MessageParts& parts();
  HeaderValues& headers();
  const Relays& relays();
  /// What body rules see: element 0 is the subject; then the paragraphs.
  const std::vector<std::string>& body();
  /// For FreeMail's search: what it takes out of a paragraph, later rules do not see.
  void change_body(std::size_t paragraph, std::string text);
  /// What rules saw before that; nullptr where nothing was changed.
  const std::vector<std::string>* body_before_changes() const {
    return unchanged_body_ ? &*unchanged_body_ : nullptr;
  }
  /// What rawbody rules see: decoded text in pieces.
  const std::vector<std::string>& rawbody();
  const MessageUris& uris();
  /// Empty where the rule files do not load TextCat.
  const LanguageGuess& languages();

  /// What an eval function found out about this message, made by T(ScannedMessage&) at first use.
  template <class T>
  T& memo() {
    auto& slot = memos_[std::type_index(typeid(T))];
    if (!slot) slot = std::make_shared<T>(*this);
    return *static_cast<T*>(slot.get());
  }

 private:
  std::optional<std::string> stand_in(std::string_view field);

  const ScanInput& input_;
  const RuleSettings& settings_;
  Matcher& matcher_;
  std::string_view octets_;
  std::optional<MessageParts> parts_;
  std::optional<HeaderValues> headers_;
  std::optional<std::vector<std::string>> body_;
  std::optional<std::vector<std::string>> unchanged_body_;
  std::optional<std::vector<std::string>> rawbody_;
  std::optional<MessageUris> uris_;
  std::optional<LanguageGuess> languages_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> memos_;
};

}  // namespace postern
