// message_tokens.h — all tokens of a message, from the sources that bayes_token_sources names, and
// the names under which it is remembered that a message was learnt.
#pragma once

#include <vector>

#include "rules/bayes/lesson.h"
#include "rules/bayes/token.h"
#include "rules/message/scanned_message.h"

namespace postern {

/// Each once, in ascending order. Linear; 50,000 tokens of visible and of hidden text, 10,000 of
/// URIs and of the header are looked at, and what is left of a line.
std::vector<Token> message_tokens(ScannedMessage& message);
/// The same with their texts.
std::vector<TokenBag::Named> named_message_tokens(ScannedMessage& message);

/// A memo of one message: BAYES_nn and learning ask for the same.
struct MessageTokens {
  explicit MessageTokens(ScannedMessage& message) : tokens(message_tokens(message)) {}
  std::vector<Token> tokens;
};

LearningNames learning_names(ScannedMessage& message);

}  // namespace postern
