#include "gateway/mail/data_decoder.h"

#include <algorithm>
#include <cstring>

namespace postern {
namespace {
constexpr std::size_t longest_line = 65536;
}

std::size_t DataDecoder::feed(std::string_view octets) {
  // Lines are appended one by one; a large piece makes room once. Never more than it holds itself.
  if (const std::size_t wanted = content_.size() + octets.size(); wanted > content_.capacity()) {
    content_.reserve(std::max(wanted, content_.capacity() * 2));
  }
  std::size_t used = 0;
  while (used < octets.size() && !complete_) {
    const std::string_view rest = octets.substr(used);
    const auto* lf = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    const std::size_t length = lf ? static_cast<std::size_t>(lf - rest.data()) : rest.size();
    content_.append(rest.substr(0, length));
    used += length;
    if (content_.size() - line_ > longest_line) {
      // Such a line is kept to its first part only; the message will be refused.
      oddities_.long_line = true;
      const char last = content_.back();  // it may be the CR of the line's end
      content_.resize(line_ + longest_line - 1);
      content_ += last;
    }
    if (!lf) break;
    ++used;
    end_line(content_.size() == line_ || content_.back() != '\r');
    if (content_.size() > limit_ + 3) {  // three octets of grace: the end mark itself
      oddities_.too_large = true;
      content_.clear();
      line_ = 0;
    }
  }
  return used;
}

void DataDecoder::end_line(bool with_lf_only) {
  if (!with_lf_only) content_.pop_back();
  const std::string_view line = std::string_view(content_).substr(line_);
  const bool clean = previous_clean_ && !with_lf_only;
  previous_clean_ = !with_lf_only;
  if (with_lf_only) oddities_.bare_lf = true;

  if (line == ".") {
    content_.resize(line_);
    if (clean) {
      complete_ = true;
      if (content_.size() > limit_) oddities_.too_large = true;
    } else {
      oddities_.false_end = true;
    }
    return;
  }
  if (!line.empty() && line.front() == '.') content_.erase(line_, 1);  // §4.5.2
  if (std::memchr(content_.data() + line_, '\r', content_.size() - line_))
    clean_carriage_returns(line_);
  content_ += "\r\n";
  line_ = content_.size();
}

void DataDecoder::clean_carriage_returns(std::size_t from) {
  oddities_.bare_cr = true;
  std::replace(content_.begin() + static_cast<std::ptrdiff_t>(from), content_.end(), '\r', ' ');
}

}  // namespace postern
