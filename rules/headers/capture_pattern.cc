#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/headers/capture_pattern.h"

#include <cassert>
#include <new>

#include <pcre2.h>

#include "rules/patterns/native_code.h"

namespace postern {
namespace {

constexpr std::uint32_t most_groups = 16;
constexpr std::uint32_t match_limit = 1'000'000;

}  // namespace

void Captures::Free::operator()(pcre2_real_match_data_8* data) const {
  pcre2_match_data_free(data);
}
void Captures::Free::operator()(pcre2_real_match_context_8* context) const {
  pcre2_match_context_free(context);
}
void CapturePattern::Free::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

Captures::Captures()
    : data_(pcre2_match_data_create(most_groups, nullptr)),
      context_(pcre2_match_context_create(nullptr)) {
  if (!data_ || !context_) throw std::bad_alloc();
  pcre2_set_match_limit(context_.get(), match_limit);
}

std::optional<std::string_view> Captures::operator[](std::size_t group) const {
  if (group >= groups_) return {};
  const auto* const offsets = pcre2_get_ovector_pointer(data_.get());
  if (offsets[2 * group] == PCRE2_UNSET) return {};
  return subject_.substr(offsets[2 * group], offsets[2 * group + 1] - offsets[2 * group]);
}

std::size_t Captures::begin() const { return pcre2_get_ovector_pointer(data_.get())[0]; }
std::size_t Captures::end() const { return pcre2_get_ovector_pointer(data_.get())[1]; }

CapturePattern::CapturePattern(std::string_view pattern, bool ignore_case) {
  int error = 0;
  std::size_t at = 0;
  const std::uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_DOTALL |
                                PCRE2_DOLLAR_ENDONLY | (ignore_case ? PCRE2_CASELESS : 0U);
  code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                            &error, &at, nullptr));
  assert(code_ && "a pattern of the program does not compile");
  make_native(code_.get());
}

bool CapturePattern::matches(std::string_view subject, Captures& captures, std::size_t from) const {
  const int result =
      pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), from,
                  0, captures.data_.get(), captures.context_.get());
  captures.subject_ = subject;
  captures.groups_ = result > 0 ? static_cast<std::size_t>(result) : 0;
  return result >= 0;
}

std::size_t CapturePattern::group(std::string_view name) const {
  const int number = pcre2_substring_number_from_name(
      code_.get(), reinterpret_cast<PCRE2_SPTR>(std::string(name).c_str()));
  return number > 0 ? static_cast<std::size_t>(number) : 0;
}

}  // namespace postern
