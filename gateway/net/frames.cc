#include "gateway/net/frames.h"

#include <array>
#include <new>
#include <utility>

namespace postern {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keep = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool keep = false;  // a frame that is used after its end shall be found
#else
constexpr bool keep = true;
#endif
#else
constexpr bool keep = true;
#endif

constexpr std::size_t step = 64;
constexpr std::size_t largest = 16 << 10;
// Of each size. After a wave of sessions the rest goes back to the heap.
constexpr std::size_t most_kept = 512 << 10;

struct Free {
  Free* next;
};
struct Size {
  Free* first;
  std::size_t octets;
};
// Without a destructor, so that frames may end at any time of a thread's end.
thread_local std::array<Size, largest / step + 1> sizes{};
thread_local bool ended = false;

/// Gives all back when the thread ends.
struct Returner {
  ~Returner() {
    ended = true;
    for (Size& size : sizes) {
      while (size.first) ::operator delete(std::exchange(size.first, size.first->next));
    }
  }
  void begin() const {}
};
thread_local const Returner returner;

constexpr std::size_t class_of(std::size_t octets) { return (octets + step - 1) / step; }

}  // namespace

void* Frames::take(std::size_t octets) {
  if (!keep || octets > largest) return ::operator new(octets);
  Size& size = sizes[class_of(octets)];
  if (!size.first) return ::operator new(class_of(octets) * step);
  size.octets -= class_of(octets) * step;
  return std::exchange(size.first, size.first->next);
}

void Frames::give(void* frame, std::size_t octets) noexcept {
  const std::size_t whole = class_of(octets) * step;
  if (!keep || octets > largest || ended) return ::operator delete(frame);
  Size& size = sizes[class_of(octets)];
  if (size.octets + whole > most_kept) return ::operator delete(frame);
  returner.begin();  // a thread's first use makes it
  size.first = ::new (frame) Free{size.first};
  size.octets += whole;
}

}  // namespace postern
