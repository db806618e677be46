#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/patterns/native_code.h"

#include <atomic>

#include <pcre2.h>

namespace postern {
namespace {

std::atomic<bool> stopped = false;

}  // namespace

void stop_native_code() { stopped = true; }

bool make_native(pcre2_real_code_8* code) {
  return !stopped && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
}

}  // namespace postern
