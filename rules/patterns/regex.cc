#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/patterns/regex.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <optional>

#include <fmt/format.h>
#include <pcre2.h>

#include "rules/patterns/native_code.h"
#include "rules/patterns/pattern_text.h"

namespace postern {
namespace {

constexpr std::uint32_t match_limit = 100'000;
constexpr std::uint32_t heap_limit = 8 * 1024;      // KiB
constexpr std::size_t jit_stack_start = 32 * 1024;  // what PCRE2 itself starts with
constexpr std::size_t jit_stack_limit = 1024 * 1024;

// pcre2_maketables' layout: lower-case table, then the case-flipping one, 256 octets each.
constexpr std::size_t flip_table = 256;

/// The tables of the C locale, with Latin-1 letters folded as Perl folds octets under /aa.
const unsigned char* folding_tables() {
  static const unsigned char* const tables = [] {
    const std::uint8_t* const made = pcre2_maketables(nullptr);
    if (made == nullptr) throw std::bad_alloc();
    auto* const folded = const_cast<std::uint8_t*>(made);
    for (unsigned upper = 0xC0; upper <= 0xDE; ++upper) {
      if (upper == 0xD7) continue;
      const unsigned lower = upper + 0x20;
      folded[upper] = static_cast<std::uint8_t>(lower);
      folded[flip_table + upper] = static_cast<std::uint8_t>(lower);
      folded[flip_table + lower] = static_cast<std::uint8_t>(upper);
    }
    return folded;
  }();
  return tables;
}

struct FreeContext {
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};

std::uint32_t options_of(const PerlPattern& pattern) {
  std::uint32_t options =
      PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DUPNAMES;
  if (pattern.ignore_case) options |= PCRE2_CASELESS;
  if (pattern.multi_line) options |= PCRE2_MULTILINE;
  if (pattern.dot_all) options |= PCRE2_DOTALL;
  if (pattern.extended) options |= PCRE2_EXTENDED;
  if (pattern.no_captures) options |= PCRE2_NO_AUTO_CAPTURE;
  return options;
}

std::string message_of(int error) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(error, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Matcher::Parts {
  pcre2_match_data* data = nullptr;
  pcre2_match_context* context = nullptr;
  pcre2_jit_stack* stack = nullptr;

  Parts()
      : data(pcre2_match_data_create(2, nullptr)),
        context(pcre2_match_context_create(nullptr)),
        stack(pcre2_jit_stack_create(jit_stack_start, jit_stack_limit, nullptr)) {
    if (data == nullptr || context == nullptr) throw std::bad_alloc();
    pcre2_set_match_limit(context, match_limit);
    pcre2_set_heap_limit(context, heap_limit);
    // Without a stack of our own (no memory for one) PCRE2 takes 32 KiB of the thread's.
    if (stack != nullptr) pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~Parts() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
};

Matcher::Matcher() : parts_(std::make_unique<Parts>()) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

void Regex::Free::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

namespace {

struct Compiled {
  pcre2_code* code = nullptr;
  int error = 0;
  std::size_t at = 0;
};

Compiled compile_text(const PerlPattern& pattern, std::uint32_t options) {
  const std::unique_ptr<pcre2_compile_context, FreeContext> context(
      pcre2_compile_context_create(nullptr));
  if (!context) throw std::bad_alloc();
  pcre2_set_character_tables(context.get(), folding_tables());
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_bsr(context.get(), PCRE2_BSR_UNICODE);
  Compiled out;
  out.code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.text.data()), pattern.text.size(),
                           options_of(pattern) | options, &out.error, &out.at, context.get());
  return out;
}

/// libpcre2-8 compiles at most 64 KiB of code: repeated parts are then written once.
std::optional<PerlPattern> smaller(const PerlPattern& pattern) {
  const auto tree = parse_pattern(pattern);
  if (!tree || tree->named || tree->references) return std::nullopt;
  return pattern_text(*tree, Repeated::shared);
}

}  // namespace

std::expected<Regex, SyntaxError> Regex::compile(std::string_view written) {
  auto pattern = translate_pattern(written);
  if (!pattern) return std::unexpected(pattern.error());
  const auto origins = pattern->origin;
  auto out = compile(std::move(*pattern), Start::anywhere);
  if (!out) {
    auto& at = out.error().at;
    at = at < origins.size() ? origins[at] : written.size();
  }
  return out;
}

std::expected<Regex, SyntaxError> Regex::compile(PerlPattern pattern, Start start) {
  const std::uint32_t options = start == Start::anchored ? PCRE2_ANCHORED : 0U;
  auto made = compile_text(pattern, options);
  if (made.code == nullptr && made.error == PCRE2_ERROR_PATTERN_TOO_LARGE) {
    if (const auto shorter = smaller(pattern)) {
      if (const auto again = compile_text(*shorter, options); again.code != nullptr) made = again;
    }
  }
  if (made.code == nullptr) {
    return std::unexpected(SyntaxError{
        made.at, fmt::format("the regular expression is wrong here: {}", message_of(made.error))});
  }
  pattern.origin = {};
  return Regex(made.code, std::move(pattern));
}

void Regex::compile_native() { native_ = make_native(code_.get()); }

Regex::Outcome Regex::find(std::string_view subject, std::size_t start, bool after_empty,
                           Matcher& matcher, Span& found) const {
  auto& parts = *matcher.parts_;
  // pcre2_jit_match leaves out checks of its arguments, which cost as much as a short match.
  const auto run = native_ ? pcre2_jit_match : pcre2_match;
  const char* const text = subject.data() == nullptr ? "" : subject.data();
  const int result = run(code_.get(), reinterpret_cast<PCRE2_SPTR>(text), subject.size(), start,
                         after_empty ? PCRE2_NOTEMPTY_ATSTART : 0U, parts.data, parts.context);
  if (result >= 0) {
    const std::size_t* const offsets = pcre2_get_ovector_pointer(parts.data);
    // A look-behind with \K could turn the two round; nothing here may run backwards.
    found = {offsets[0], offsets[1] < offsets[0] ? offsets[0] : offsets[1]};
    return Outcome::match;
  }
  // What is neither is a limit of steps, heap or JIT stack: the rule was too dear for this subject.
  return result == PCRE2_ERROR_NOMATCH ? Outcome::none : Outcome::limit;
}

Regex::Outcome Regex::first_group(std::string_view subject, Matcher& matcher,
                                  std::optional<Span>& group) const {
  // An expression without groups leaves the pair as it was.
  std::size_t* const offsets = pcre2_get_ovector_pointer(matcher.parts_->data);
  offsets[2] = offsets[3] = PCRE2_UNSET;
  Span whole;
  const auto outcome = find(subject, 0, false, matcher, whole);
  group.reset();
  if (outcome == Outcome::match && offsets[2] != PCRE2_UNSET && offsets[2] <= offsets[3])
    group = {offsets[2], offsets[3]};
  return outcome;
}

std::vector<std::string> Regex::first_groups(std::string_view subject, std::size_t most,
                                             Matcher& matcher) const {
  std::vector<std::string> out;
  std::size_t* const offsets = pcre2_get_ovector_pointer(matcher.parts_->data);
  std::size_t start = 0;
  bool after_empty = false;
  while (out.size() < most && start <= subject.size()) {
    offsets[2] = offsets[3] = PCRE2_UNSET;
    Span whole;
    if (find(subject, start, after_empty, matcher, whole) != Outcome::match) break;
    if (offsets[2] != PCRE2_UNSET && offsets[2] <= offsets[3])
      out.emplace_back(subject.substr(offsets[2], offsets[3] - offsets[2]));
    start = whole.to;
    after_empty = whole.empty();
  }
  return out;
}

namespace {

struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

/// The names of a pattern's groups, one entry a name: "number, name, 0", each `size` octets long.
struct NameTable {
  PCRE2_SPTR start = nullptr;
  std::uint32_t count = 0;
  std::uint32_t size = 0;

  explicit NameTable(const pcre2_code* code) {
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &start);
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  }
  std::size_t number(std::uint32_t i) const {
    return static_cast<std::size_t>(start[i * size]) << 8 | start[i * size + 1];
  }
  const char* name(std::uint32_t i) const {
    return reinterpret_cast<const char*>(start + i * size + 2);
  }
};

}  // namespace

std::vector<std::vector<Regex::NamedGroup>> Regex::named_groups(std::string_view subject,
                                                                std::size_t most,
                                                                Matcher& matcher) const {
  std::vector<std::vector<NamedGroup>> out;
  const std::unique_ptr<pcre2_match_data, FreeMatchData> data(
      pcre2_match_data_create_from_pattern(code_.get(), nullptr));
  if (!data) throw std::bad_alloc();
  const NameTable names(code_.get());
  std::size_t start = 0;
  std::uint32_t options = 0;
  while (out.size() < most && start <= subject.size()) {
    const int result =
        pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                    start, options, data.get(), matcher.parts_->context);
    if (result < 0) break;
    const std::size_t* const offsets = pcre2_get_ovector_pointer(data.get());
    auto& groups = out.emplace_back();
    for (std::uint32_t i = 0; i < names.count; ++i) {
      const auto from = offsets[2 * names.number(i)];
      const auto to = offsets[2 * names.number(i) + 1];
      if (from != PCRE2_UNSET && from < to)
        groups.push_back({names.name(i), std::string(subject.substr(from, to - from))});
    }
    start = std::max(offsets[0], offsets[1]);
    options = offsets[1] <= offsets[0] ? PCRE2_NOTEMPTY_ATSTART : 0U;
  }
  return out;
}

Regex::Outcome Regex::matches(std::string_view subject, Matcher& matcher) const {
  Span ignored;
  return find(subject, 0, false, matcher, ignored);
}

}  // namespace postern
