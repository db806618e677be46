#include "policies/map_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/bytes.h"
#include "gateway/base/unique_fd.h"
#include "policies/map.h"

namespace postern {
namespace {

// Far above what is sensible, far below what would stop the machine.
constexpr off_t file_limit = off_t{1} << 30;
constexpr std::size_t line_limit = std::size_t{1} << 20;

std::string_view without_negation(std::string_view text, bool& negated) {
  while (text.starts_with('!')) {
    negated = !negated;
    text = trim(text.substr(1));
  }
  return text;
}

/// Adds the words of a line. A "!" that stands alone would turn what it was meant to exclude into
/// a member, so it is refused.
void add_words(std::vector<ListItem>& items, std::string_view line, const std::string& where,
               bool negated_file, std::vector<Problem>& problems) {
  for (const std::string_view word : words(line)) {
    bool negated = negated_file;
    const std::string_view text = without_negation(word, negated);
    if (text.empty()) {
      problems.push_back({where, "a \"!\" stands alone: write it in front of a word, as in !name"});
    } else if (text.starts_with('/')) {
      problems.push_back({where, "\"" + printable(word) + "\" is a file among other words: name " +
                                     "it in the configuration as an entry of its own"});
    } else {
      items.push_back({std::string(text), where, negated});
    }
  }
}

void add_file(std::vector<ListItem>& items, const std::string& path, const std::string& where,
              bool negated, std::vector<Problem>& problems) {
  const auto source = read_source(path);
  if (!source) {
    problems.push_back({where, source.error().what + "; create the file, or remove it here"});
    return;
  }
  SourceLines lines(*source, path, problems);
  SourceLine line;
  while (lines.next(line)) add_words(items, line.text, lines.where(line.number), negated, problems);
}

}  // namespace

Result<std::string> read_source(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail_errno("cannot read " + path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("cannot read " + path);
  if (!S_ISREG(status.st_mode)) {
    return fail(std::errc::invalid_argument, "cannot read " + path + ": not a regular file");
  }
  if (status.st_size > file_limit) {
    return fail(std::errc::file_too_large, "cannot read " + path + ": larger than 1 GiB");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read " + path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

std::string_view SourceLines::take_physical() {
  const std::size_t end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  ++number_;
  return line;
}

void SourceLines::join(SourceLine& line, std::string_view physical) {
  while (!physical.empty() && is_space(physical.back())) physical.remove_suffix(1);
  line.text += physical;
}

bool SourceLines::next(SourceLine& line) {
  line = {};
  while (!rest_.empty()) {
    const std::string_view before = rest_;
    const std::string_view physical = take_physical();
    const std::string_view content = trim(physical);
    if (content.empty() || content.front() == '#') continue;

    const bool continues = is_space(physical.front());
    if (!continues && line.number != 0) {
      rest_ = before;
      --number_;
      return true;
    }
    if (content.find('\0') != std::string_view::npos) {
      problem(number_, "the line contains a NUL octet: this is not a text file");
    } else if (continues && line.number == 0) {
      problem(number_, "the line starts with a blank, but there is none before it to continue");
    } else if (line.text.size() + content.size() > line_limit) {
      problem(number_, "the line is longer than 1 MiB; split it");
    } else {
      if (line.number == 0) line.number = number_;
      join(line, physical);
    }
  }
  return line.number != 0;
}

void SourceLines::problem(std::size_t number, std::string what) {
  problems_.push_back({where(number), std::move(what)});
}

std::vector<ListItem> list_items(const ConfiguredList& list, std::vector<Problem>& problems) {
  std::vector<ListItem> items;
  for (const std::string& entry : list.entries) {
    bool negated = false;
    const std::string_view text = without_negation(trim(entry), negated);
    if (text.starts_with('/')) {
      add_file(items, std::string(text), list.where, negated, problems);
    } else if (is_map_specification(text)) {
      items.push_back({std::string(text), list.where, negated});
    } else {
      add_words(items, entry, list.where, false, problems);
    }
  }
  return items;
}

}  // namespace postern
