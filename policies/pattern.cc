#include "policies/pattern.h"

#include <array>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

// $1 to $99 can be written; PCRE2 needs a pair for each group that is wanted.
constexpr std::uint32_t group_limit = 100;
// A pattern for an address needs hundreds of steps; a million is some milliseconds.
constexpr std::uint32_t step_limit = 1'000'000;
constexpr std::uint32_t heap_limit_kib = 4096;
constexpr std::size_t result_limit = 65536;

struct FreeMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

/// What PCRE2 needs for a match; one a thread, so that maps stay shared and unlocked.
struct Workspace {
  std::unique_ptr<pcre2_match_data, FreeMatch> data{pcre2_match_data_create(group_limit, nullptr)};
  std::unique_ptr<pcre2_match_context, FreeMatch> context{pcre2_match_context_create(nullptr)};

  Workspace() {
    pcre2_set_match_limit(context.get(), step_limit);
    pcre2_set_heap_limit(context.get(), heap_limit_kib);
  }
};

Workspace& workspace() {
  thread_local Workspace mine;
  return mine;
}

struct Flag {
  char letter;
  std::uint32_t option;
};

constexpr std::array<Flag, 8> pcre_flags = {{{'i', PCRE2_CASELESS},
                                             {'m', PCRE2_MULTILINE},
                                             {'s', PCRE2_DOTALL},
                                             {'x', PCRE2_EXTENDED},
                                             {'A', PCRE2_ANCHORED},
                                             {'E', PCRE2_DOLLAR_ENDONLY},
                                             {'U', PCRE2_UNGREEDY},
                                             {'X', 0}}};  // PCRE1's "extra": always on in PCRE2

Result<std::uint32_t> pcre_options(std::string_view flags) {
  std::uint32_t options = PCRE2_CASELESS | PCRE2_DOTALL;
  for (const char letter : flags) {
    bool known = false;
    for (const Flag& flag : pcre_flags) {
      if (flag.letter != letter) continue;
      options ^= flag.option;
      known = true;
    }
    if (!known) {
      return fail(std::errc::invalid_argument,
                  "flag \"" + printable({&letter, 1}) + "\" is not one of pcre:'s i m s x A E U X");
    }
  }
  return options;
}

Result<std::uint32_t> regexp_options(std::string_view flags) {
  // Without REG_NEWLINE a line end is a character like any other, and $ is the very end.
  std::uint32_t options = PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
  for (const char letter : flags) {
    if (letter == 'i') {
      options ^= PCRE2_CASELESS;
    } else if (letter == 'm') {
      options ^= PCRE2_MULTILINE | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
    } else if (letter == 'x') {
      return fail(std::errc::invalid_argument,
                  "flag \"x\" asks for a basic regular expression, which is not supported: write "
                  "it as an extended one, without the flag");
    } else {
      return fail(std::errc::invalid_argument,
                  "flag \"" + printable({&letter, 1}) + "\" is not one of regexp:'s i m");
    }
  }
  return options;
}

/// The end of a bracket expression that starts at `start`, as POSIX reads it: behind its ']'.
std::size_t end_of_bracket(std::string_view text, std::size_t start) {
  std::size_t i = start + 1;
  if (i < text.size() && text[i] == '^') ++i;
  if (i < text.size() && text[i] == ']') ++i;
  while (i < text.size() && text[i] != ']') {
    if (text[i] == '[' && i + 1 < text.size() &&
        (text[i + 1] == ':' || text[i + 1] == '.' || text[i + 1] == '=')) {
      const std::array<char, 2> close = {text[i + 1], ']'};
      const std::size_t end = text.find(std::string_view(close.data(), 2), i + 2);
      if (end == std::string_view::npos) return text.size();
      i = end + 1;
    }
    ++i;
  }
  return std::min(i + 1, text.size());
}

std::string translate_posix(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') {
      const std::size_t end = end_of_bracket(text, i);
      for (; i < end; ++i) out.append(text[i] == '\\' ? 2 : 1, text[i]);
      --i;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[++i];
      if (next == '<') {
        out += "\\b(?=\\w)";
      } else if (next == '>') {
        out += "\\b(?<=\\w)";
      } else {
        out += '\\';
        out += next;
      }
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string pcre_message(int error) {
  std::array<PCRE2_UCHAR, 200> message{};
  pcre2_get_error_message(error, message.data(), message.size());
  return reinterpret_cast<const char*>(message.data());
}

/// Takes "$1", "${1}", "$(1)" from the start of `rest` (behind the $); 0 where it is none.
std::size_t take_group(std::string_view& rest) {
  const char open = rest.empty() ? '\0' : rest.front();
  const char close = open == '{' ? '}' : open == '(' ? ')' : '\0';
  const std::size_t start = close != '\0' ? 1 : 0;
  std::size_t end = start;
  while (end < rest.size() && is_digit(rest[end])) ++end;
  const auto number = parse_number(rest.substr(start, end - start), group_limit - 1);
  if (!number) return 0;
  if (close != '\0' && (end >= rest.size() || rest[end] != close)) return 0;
  rest.remove_prefix(close != '\0' ? end + 1 : end);
  return *number;
}

}  // namespace

std::string_view Groups::text(std::size_t group) const {
  if (group >= count || ends[2 * group] == PCRE2_UNSET) return {};
  const std::size_t begin = ends[2 * group];
  const std::size_t end = ends[2 * group + 1];
  return begin <= end ? key.substr(begin, end - begin) : std::string_view{};  // \K may turn them
}

Result<Pattern> Pattern::compile(std::string_view expression, std::string_view flags,
                                 PatternDialect dialect) {
  const bool posix = dialect == PatternDialect::regexp;
  TRY(const std::uint32_t options, posix ? regexp_options(flags) : pcre_options(flags));
  const std::string translated = posix ? translate_posix(expression) : std::string(expression);

  int error = 0;
  PCRE2_SIZE offset = 0;
  Pattern pattern;
  pattern.code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
                                    translated.size(), options | PCRE2_NEVER_UTF, &error, &offset,
                                    nullptr));
  if (!pattern.code_) {
    return fail(std::errc::invalid_argument, "the pattern is wrong at its character " +
                                                 std::to_string(offset + 1) + ": " +
                                                 pcre_message(error));
  }
  std::uint32_t groups = 0;
  pcre2_pattern_info(pattern.code_.get(), PCRE2_INFO_CAPTURECOUNT, &groups);
  pattern.group_count_ = std::min(groups, group_limit - 1);
  // Where the machine forbids it, the interpreter does the same more slowly.
  pcre2_jit_compile(pattern.code_.get(), PCRE2_JIT_COMPLETE);
  return pattern;
}

Result<bool> Pattern::matches(std::string_view key, Groups& groups) const {
  Workspace& mine = workspace();
  if (key.data() == nullptr) key = "";
  const auto subject = reinterpret_cast<PCRE2_SPTR>(key.data());
  int status =
      pcre2_match(code_.get(), subject, key.size(), 0, 0, mine.data.get(), mine.context.get());
  if (status == PCRE2_ERROR_JIT_STACKLIMIT) {
    status = pcre2_match(code_.get(), subject, key.size(), 0, PCRE2_NO_JIT, mine.data.get(),
                         mine.context.get());
  }
  if (status == PCRE2_ERROR_NOMATCH) return false;
  if (status < 0) {
    return fail(std::errc::result_out_of_range, "matching gave up: " + pcre_message(status));
  }
  const std::size_t count = status == 0 ? group_limit : static_cast<std::size_t>(status);
  groups = {key, pcre2_get_ovector_pointer(mine.data.get()), count};
  return true;
}

Result<Template> Template::parse(std::string_view text, std::size_t groups) {
  Template result;
  Piece piece;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t dollar = std::min(rest.find('$'), rest.size());
    piece.literal += rest.substr(0, dollar);
    rest.remove_prefix(dollar);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (rest.starts_with('$')) {
      piece.literal += '$';
      rest.remove_prefix(1);
      continue;
    }
    piece.group = take_group(rest);
    if (piece.group == 0) {
      return fail(std::errc::invalid_argument,
                  "a $ in the result must be followed by the number of a group ($1, ${1}); write "
                  "$$ for the character");
    }
    if (piece.group > groups) {
      return fail(std::errc::invalid_argument,
                  "the result uses $" + std::to_string(piece.group) + ", but the pattern has " +
                      std::to_string(groups) + " groups that it could stand for");
    }
    result.pieces_.push_back(std::move(piece));
    piece = {};
  }
  if (!piece.literal.empty() || result.pieces_.empty()) result.pieces_.push_back(std::move(piece));
  return result;
}

Result<std::string> Template::expand(const Groups& groups) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    if (piece.group != 0) out += groups.text(piece.group);
    if (out.size() > result_limit) {
      return fail(std::errc::result_out_of_range, "the result is longer than 64 KiB");
    }
  }
  return out;
}

}  // namespace postern
