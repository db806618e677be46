#include "rules/parts/body_lines.h"

#include <algorithm>

#include "rules/text/lines.h"

namespace postern {
namespace {

constexpr std::size_t most_blank_lines = 20;

/// A run of blank lines at the start of `rest`: how many, and their octets.
struct BlankRun {
  std::size_t lines = 0;
  std::size_t size = 0;
};

BlankRun blank_run(std::string_view rest) {
  BlankRun run;
  while (run.size < rest.size() && is_space(rest[run.size])) {
    const auto line = first_line(rest.substr(run.size));
    if (!is_blank_line(line)) break;
    ++run.lines;
    run.size += line.size();
  }
  return run;
}

void append_line(std::string_view line, bool crlf, std::string& out) {
  if (crlf && line.ends_with("\r\n")) {
    out.append(line.substr(0, line.size() - 2));
    out += '\n';
  } else {
    out.append(line);
  }
}

/// The first line of a long run stays (the first two at the top), then the last ones.
void append_blank_lines(std::string_view run, std::size_t lines, bool crlf, bool at_top,
                        std::string& out) {
  const std::size_t counted = lines - (at_top ? 1 : 0);
  const std::size_t first = at_top ? 2 : 1;
  const std::size_t dropped = counted > most_blank_lines ? counted - most_blank_lines : 0;
  for (std::size_t number = 0; !run.empty(); ++number) {
    const auto line = take_line(run);
    if (number < first || number >= first + dropped) append_line(line, crlf, out);
  }
}

bool has_long_run(std::string_view body) {
  for (auto rest = body; !rest.empty();) {
    const auto run = blank_run(rest);
    if (run.lines > most_blank_lines) return true;
    rest.remove_prefix(std::max(run.size, first_line(rest).size()));
  }
  return false;
}

}  // namespace

std::string_view body_lines(std::string_view body, bool crlf, std::deque<std::string>& storage) {
  if (!crlf && !has_long_run(body)) return body;
  std::string& out = storage.emplace_back();
  out.reserve(body.size());
  for (auto rest = body; !rest.empty();) {
    const auto run = blank_run(rest);
    if (run.lines > 0) {
      append_blank_lines(rest.substr(0, run.size), run.lines, crlf, rest.size() == body.size(),
                         out);
      rest.remove_prefix(run.size);
    } else {
      append_line(take_line(rest), crlf, out);
    }
  }
  return out;
}

}  // namespace postern
