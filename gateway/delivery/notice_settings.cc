#include "gateway/delivery/notice_settings.h"

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::array<std::string_view, 8> class_names = {
    "bounce", "2bounce", "delay", "policy", "protocol", "resource", "software", "data"};

void check_classes(const NoticeSettings& settings, Keys& keys) {
  for (const std::string& word : settings.notify_classes) {
    if (std::ranges::find(class_names, word) != class_names.end()) continue;
    std::string known;
    for (const auto name : class_names) known += (known.empty() ? "" : ", ") + std::string(name);
    keys.problem("notify_classes", "there is no class \"" + word + "\"; there are: " + known);
  }
}

void describe_recipients(NoticeSettings& s, Keys& keys) {
  keys.list(
      "notify_classes", s.notify_classes,
      "What a postmaster gets letters about. resource: the queue's disk is full or fails, or "
      "reports to senders were suppressed; software: a fault of ours; at most one letter an "
      "hour of each. bounce, delay: a copy, without the body, of each report to a sender. "
      "2bounce: letters that cannot be delivered themselves, which else only the log shows. "
      "policy, protocol and data are understood and cause no letters: what clients were refused "
      "is in the log.");
  keys.text(
      "error_notice_recipient", s.error_notice_recipient,
      "Who gets the letters of resource and software. Empty: postmaster@myhostname, which goes "
      "where virtual_alias_maps send it, else to postmaster at the first of relay_domains.");
  keys.text(
      "bounce_notice_recipient", s.bounce_notice_recipient,
      "Who gets the copies of the class bounce, and is told, whatever notify_classes says, that "
      "a copy for the archive could not be delivered. Empty: postmaster@myhostname for the "
      "class, and only the log for the archive.");
  keys.text("2bounce_notice_recipient", s.double_bounce_notice_recipient,
            "Who gets the class 2bounce. Empty: postmaster@myhostname.");
  keys.text("delay_notice_recipient", s.delay_notice_recipient,
            "Who gets the copies of the class delay. Empty: postmaster@myhostname.");
}

}  // namespace

std::string_view notice_class_name(NoticeClass which) {
  return class_names[static_cast<std::size_t>(which)];
}

bool NoticeSettings::has(NoticeClass which) const {
  return std::ranges::find(notify_classes, notice_class_name(which)) != notify_classes.end();
}

std::string NoticeSettings::recipient(NoticeClass which, const std::string& hostname) const {
  const std::string& named = which == NoticeClass::bounce          ? bounce_notice_recipient
                             : which == NoticeClass::double_bounce ? double_bounce_notice_recipient
                             : which == NoticeClass::delay         ? delay_notice_recipient
                                                                   : error_notice_recipient;
  return named.empty() ? "postmaster@" + hostname : named;
}

void describe(NoticeSettings& s, Keys& keys) {
  keys.size("bounce_size_limit", s.bounce_size_limit, 0, 1ULL << 30,
            "A returned message is cut down to its header above this size.");
  keys.text(
      "bounce_template_file", s.bounce_template_file,
      "A TOML file with the words of reports to senders: tables [failure], [delay] and "
      "[success], each with subject and text, in which $myhostname, $sender, $reason, $arrival, "
      "$postmaster, $delay_warning_time and $maximal_queue_lifetime stand for their values, and "
      "$recipients alone on a line for who is meant and what happened. What is not in it keeps "
      "our words. Empty: our words.");
  keys.duration(
      "delay_warning_time", s.delay_warning_time, milliseconds(0), std::chrono::days(100),
      "After how long a sender is told, once, that a message is late. 0: only senders who "
      "asked for it (NOTIFY=DELAY), after four hours.");
  keys.flag(
      "confirm_delay_cleared", s.confirm_delay_cleared,
      "Tell a sender who was told that a message is late when it has arrived. After an outage "
      "that is one more letter for each.");
  describe_recipients(s, keys);
  describe(s.limit, keys);
  check_classes(s, keys);
}

void open_templates(NoticeSettings& settings, const std::string& where,
                    std::vector<Problem>& problems) {
  const std::string& path = settings.bounce_template_file;
  if (path.empty()) return;
  auto templates = std::make_shared<DsnTemplates>();
  auto found = read_config(path, [&](Keys& keys) { describe(*templates, keys); });
  for (Problem& problem : found) {
    // Not of a line in it: the file itself could not be read.
    if (problem.where == path) problem = {where, problem.what};
    problems.push_back(std::move(problem));
  }
  if (found.empty()) settings.templates = std::move(templates);
}

}  // namespace postern
