// learning.h — one message is learnt, or forgotten: Plugin/Bayes.pm, _learn_trapped and
// _forget_trapped.
#pragma once

#include <cstdint>

#include "gateway/bayes/token_database.h"
#include "rules/bayes/message_tokens.h"

namespace postern {

/// `now`: seconds since 1970; a message that claims to come from later than tomorrow came now.
Lesson lesson_of(ScannedMessage& message, std::int64_t now);

/// Compiles what lesson_of() looks for, which it else does at its first call: before a cage closes.
void prepare_lessons();

/// When our side got the message, by its topmost Received field, else by older fields and Date;
/// `now` where none says so (Util.pm, receive_date).
std::int64_t received_time(ScannedMessage& message, std::int64_t now);

enum class Learnt : std::uint8_t {
  anew,
  instead,  // it had been learnt as the other kind, which was forgotten first
  before,   // it had been learnt so: nothing has changed
};
Result<Learnt> learn(TokenDatabase::Change& change, const Lesson& lesson, bool spam);
/// Nobody has looked at the message: if it was learnt before, as whatever, it stays what it is.
/// False where it does.
Result<bool> learn_unasked(TokenDatabase::Change& change, const AutoLesson& lesson);

/// False where the message had not been learnt.
Result<bool> forget(TokenDatabase::Change& change, const Lesson& lesson);

}  // namespace postern
