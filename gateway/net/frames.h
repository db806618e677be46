// frames.h — memory for coroutine frames, kept by the thread for the next frame of that size.
//
// A message passes through some eighty coroutines, most of them over 1 KiB and ended before the
// next begins: from the heap that was a quarter of the time outside the kernel.
#pragma once

#include <cstddef>

namespace postern {

struct Frames {
  static void* take(std::size_t octets);
  /// `octets` as they were asked for. On any thread; the frame stays with that one.
  static void give(void* frame, std::size_t octets) noexcept;
};

}  // namespace postern
