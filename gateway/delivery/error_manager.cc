#include "gateway/delivery/error_manager.h"

#include <algorithm>
#include <utility>

#include "gateway/base/metrics.h"

namespace postern {
namespace {

Counter& left_out_notices = counter("postern_notices_left_out_total",
                                    "Letters to a postmaster that were not written, since there "
                                    "had been enough of their class.");

}  // namespace

void ErrorManager::configure(std::shared_ptr<const NoticeSettings> settings, std::string hostname) {
  settings_ = std::move(settings);
  hostname_ = std::move(hostname);
}

void ErrorManager::report(NoticeClass which, const std::string& subject, const std::string& text) {
  if (!settings_->has(which)) return;
  if (!reports_.admit(notice_class_name(which), clock_.steady())) {
    ++left_out_[index(which)];
    left_out_notices.add();
    return;
  }
  const std::string class_name(notice_class_name(which));
  std::string body = text + "\n\nThis letter is of the class " + class_name +
                     " in notify_classes, of which one is written in an hour.";
  if (const auto left_out = std::exchange(left_out_[index(which)], 0)) {
    body +=
        "\n" + std::to_string(left_out) + " more were due since the last one; the log has them.";
  }
  const LetterWriter writer{*settings_, hostname_, {}, ids_, clock_.wall()};
  post_(which, writer.notice(settings_->recipient(which, hostname_), subject, body));
}

bool ErrorManager::admits_copy(NoticeClass which) {
  if (!settings_->has(which)) return false;
  if (copies_.admit(notice_class_name(which), clock_.steady())) return true;
  left_out_notices.add();
  return false;
}

void ErrorManager::put_back(NoticeClass which, Letter letter) {
  kept_[index(which)] = std::move(letter);
}

bool ErrorManager::waits() const {
  return std::ranges::any_of(kept_, [](const auto& letter) { return letter.has_value(); });
}

void ErrorManager::post_again() {
  for (std::size_t i = 0; i < classes; ++i) {
    if (auto letter = std::exchange(kept_[i], std::nullopt))
      post_(static_cast<NoticeClass>(i), std::move(*letter));
  }
}

}  // namespace postern
