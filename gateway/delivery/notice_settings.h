// notice_settings.h — what an administrator may say about the letters that we write ourselves.
//
// Names, words and defaults are Postfix's where the thing is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/mail/dsn_template.h"
#include "policies/bounce_limit.h"

namespace postern {

/// What the postmaster can be told of. bounce, double_bounce and delay are copies of what senders
/// get, the others are about this gateway.
enum class NoticeClass : std::uint8_t {
  bounce,
  double_bounce,
  delay,
  policy,
  protocol,
  resource,
  software,
  data,
};

/// As it is written in notify_classes: "2bounce" for double_bounce.
std::string_view notice_class_name(NoticeClass which);

struct NoticeSettings {
  std::uint64_t bounce_size_limit = 50000;
  std::string bounce_template_file;
  milliseconds delay_warning_time{};  // 0: only who asks with NOTIFY=DELAY is told
  bool confirm_delay_cleared = false;

  std::vector<std::string> notify_classes = {"resource", "software"};
  std::string error_notice_recipient;  // empty, here and below: postmaster@myhostname
  std::string double_bounce_notice_recipient;
  std::string delay_notice_recipient;
  std::string bounce_notice_recipient;

  BounceLimitSettings limit;
  std::shared_ptr<const DsnTemplates> templates = std::make_shared<const DsnTemplates>();

  bool has(NoticeClass which) const;
  /// Who reads notices of that class.
  std::string recipient(NoticeClass which, const std::string& hostname) const;
};

void describe(NoticeSettings& settings, Keys& keys);

/// Reads bounce_template_file, where there is one; `where` names the key, for a file that is not
/// there.
void open_templates(NoticeSettings& settings, const std::string& where,
                    std::vector<Problem>& problems);

}  // namespace postern
