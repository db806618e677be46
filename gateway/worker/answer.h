// answer.h — a worker's opinion on its way back, read as if an attacker had written it.
//
// A compromised worker may lie about the one message it was given. It may not crash the gateway,
// fill its memory, or bring a control character, a line break or an impossible reply into it. What
// an honest filter says is brought into these bounds before it is sent (texts cut and cleaned, a
// list's end dropped), so that a refused answer always means a broken worker.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/pipeline/verdict.h"

namespace postern {

/// The body of an `answer` frame.
std::string encode_opinion(const Opinion& opinion);
Result<Opinion> decode_opinion(std::string_view body);

/// The body of a `failure` frame: the filter answered with an error. Of the code only what the
/// gateway acts upon survives: timed_out, not_enough_memory, state_not_recoverable (the worker
/// itself is not fit to serve any more); everything else becomes io_error.
std::string encode_failure(const Error& error);
Result<Error> decode_failure(std::string_view body);

}  // namespace postern
