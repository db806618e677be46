// native_code.h — whether this process may still make native code of regular expressions.
//
// A cage kills whoever asks for executable memory (gateway/worker), and an expression that is made
// in it must not be a poison pill. Where native code is stopped, or the processor or the kernel
// forbids it, matches are the same and slower.
#pragma once

struct pcre2_real_code_8;

namespace postern {

/// From here on make_native() does nothing, in this process and those that it forks.
void stop_native_code();

/// Once for each expression, before it is shared between threads. True: there is native code now.
bool make_native(pcre2_real_code_8* code);

}  // namespace postern
