// error_manager.h — tells a postmaster what should not only stand in the log.
//
// What is told is chosen by notify_classes. A trouble that lasts is one letter an hour, and the
// next one counts what was left out; nobody reads a hundred. Letters go to `post`, which stores
// them. A full disk is what they are often about, so a letter that could not be stored is kept
// here, the latest of its class, and posted again when storing works.
//
// Lives on one loop.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/delivery/letter.h"
#include "policies/rate.h"

namespace postern {

class ErrorManager {
 public:
  /// Stores a letter; hands it back with put_back() where that fails.
  using Post = std::function<void(NoticeClass, Letter)>;

  ErrorManager(const Clock& clock, MessageIdSource& ids, Post post)
      : clock_(clock), ids_(ids), post_(std::move(post)) {}

  void configure(std::shared_ptr<const NoticeSettings> settings, std::string hostname);

  /// Something that an administrator should know: what happened, and what to do.
  void report(NoticeClass which, const std::string& subject, const std::string& text);

  /// Whether a copy of the classes bounce, 2bounce and delay is to be written; counts it. At most a
  /// hundred of each in an hour.
  bool admits_copy(NoticeClass which);

  void put_back(NoticeClass which, Letter letter);
  /// Whether something was put back, to be posted again as soon as storing works.
  bool waits() const;
  void post_again();

 private:
  static constexpr std::size_t classes = 8;
  static std::size_t index(NoticeClass which) { return static_cast<std::size_t>(which); }

  const Clock& clock_;
  MessageIdSource& ids_;
  Post post_;
  std::shared_ptr<const NoticeSettings> settings_ = std::make_shared<const NoticeSettings>();
  std::string hostname_;
  RateLimiter reports_{1, std::chrono::hours(1), classes};
  RateLimiter copies_{100, std::chrono::hours(1), classes};
  std::array<std::uint64_t, classes> left_out_{};
  std::array<std::optional<Letter>, classes> kept_;
};

}  // namespace postern
