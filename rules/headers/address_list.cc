#include "rules/headers/address_list.h"

#include "gateway/base/bytes.h"

namespace postern {
namespace {

constexpr std::size_t most_addresses = 1000;

/// One pass; what has been read of the current address waits in its members.
class Reader {
 public:
  explicit Reader(std::string_view field) : field_(field) {}

  std::vector<ListedAddress> run() {
    while (at_ < field_.size() && found_.size() < most_addresses) {
      const char c = field_[at_];
      if (c == '"') {
        quoted();
      } else if (c == '(') {
        comment();
      } else if (c == '<' && angle()) {
        continue;
      } else if (c == ',' || c == ';') {
        finish();
        ++at_;
      } else if (c == ':' && !has_angle_ && words_.find('@') == std::string::npos) {
        words_.clear();  // a group's name
        ++at_;
      } else {
        words_ += is_space(c) ? ' ' : c;
        ++at_;
      }
    }
    finish();
    return std::move(found_);
  }

 private:
  /// The inside of "…", its escapes undone; an unclosed one ends with the field.
  void quoted() {
    std::string inside;
    for (++at_; at_ < field_.size() && field_[at_] != '"'; ++at_) {
      if (field_[at_] == '\\' && at_ + 1 < field_.size()) ++at_;
      if (field_[at_] != '\r' && field_[at_] != '\n') inside += field_[at_];
    }
    if (at_ < field_.size()) ++at_;
    // "john doe"@example.org: quotes belong to the local part there.
    words_ += at_ < field_.size() && field_[at_] == '@' ? '"' + inside + '"' : inside;
  }

  void comment() {
    std::size_t depth = 0;
    for (; at_ < field_.size(); ++at_) {
      const char c = field_[at_];
      if (c == '\\' && at_ + 1 < field_.size()) {
        comment_ += field_[++at_];
        continue;
      }
      if (c == ')' && --depth == 0) {
        ++at_;
        return;
      }
      if (depth > 0) comment_ += is_space(c) ? ' ' : c;
      if (c == '(') ++depth;
    }
  }

  bool angle() {
    if (has_angle_) finish();
    // Looked for in vain once only: a field full of '<' without '>' must not cost its square.
    const auto end = no_more_angles_ ? std::string_view::npos : field_.find('>', at_);
    no_more_angles_ = end == std::string_view::npos;
    if (no_more_angles_) return false;
    auto inside = field_.substr(at_ + 1, end - at_ - 1);
    if (const auto last = inside.rfind('<'); last != std::string_view::npos)
      inside.remove_prefix(last + 1);
    address_ = trim(inside);
    std::erase_if(address_, is_space);
    has_angle_ = true;
    at_ = end + 1;
    return true;
  }

  void finish() {
    const auto name = trim(words_);
    if (has_angle_) {
      found_.push_back({std::move(address_), std::string(name.empty() ? trim(comment_) : name)});
    } else if (name.find('@') != std::string_view::npos) {
      found_.push_back({bare(name), std::string(trim(comment_))});
    }
    words_.clear();
    comment_.clear();
    address_.clear();
    has_angle_ = false;
  }

  /// Of "Some words a@b", the word with the '@'.
  static std::string bare(std::string_view text) {
    if (text.starts_with('"')) return std::string(text);
    const auto at = text.rfind('@');
    auto from = text.rfind(' ', at);
    from = from == std::string_view::npos ? 0 : from + 1;
    const auto to = text.find(' ', at);
    return std::string(text.substr(from, to == std::string_view::npos ? to : to - from));
  }

  std::string_view field_;
  std::size_t at_ = 0;
  std::string words_;
  std::string comment_;
  std::string address_;
  bool has_angle_ = false;
  bool no_more_angles_ = false;
  std::vector<ListedAddress> found_;
};

}  // namespace

std::vector<ListedAddress> parse_address_list(std::string_view field) {
  return Reader(field).run();
}

}  // namespace postern
