#include "rules/language/replace_tags.h"

#include <optional>
#include <vector>

namespace postern {
namespace {

constexpr int most_passes = 6;
constexpr std::size_t longest = 512 * 1024;  // perl_pattern.h's limit

/// A piece between tags, or "<…>" itself.
std::vector<std::string> split_at_tags(std::string_view text) {
  std::vector<std::string> out;
  std::size_t done = 0;
  for (std::size_t open = 0; (open = text.find('<', open)) != std::string_view::npos;) {
    const auto stop = text.find_first_of("<>", open + 1);
    if (stop == std::string_view::npos) break;
    if (text[stop] == '<' || stop == open + 1) {
      open = stop + (text[stop] == '>' ? 1 : 0);
      continue;
    }
    out.emplace_back(text.substr(done, open - done));
    out.emplace_back(text.substr(open, stop + 1 - open));
    open = done = stop + 1;
  }
  if (done < text.size()) out.emplace_back(text.substr(done));
  return out;
}

bool holds_a_tag(std::string_view text) {
  for (std::size_t open = 0; (open = text.find('<', open)) != std::string_view::npos; ++open) {
    const auto close = text.find('>', open + 1);
    if (close != std::string_view::npos && close > open + 1) return true;
  }
  return false;
}

struct Found {
  std::size_t from;
  std::size_t to;
};

class Replacement {
 public:
  Replacement(const ReplaceTags& tags, std::string pattern)
      : tags_(tags), pattern_(std::move(pattern)) {}

  std::string run() {
    for (int pass = 0; pass < most_passes && once(); ++pass) {
    }
    return std::move(pattern_);
  }

 private:
  /// The first "<…>" at or behind `from`, with at least one octet in it.
  std::optional<Found> find(std::string_view text, std::size_t from) const {
    const auto open = text.find(tags_.start, from);
    if (open == std::string_view::npos) return {};
    const auto inside = open + tags_.start.size();
    const auto close = text.find(tags_.end, inside + 1);
    if (close == std::string_view::npos) return {};
    return Found{open, close + tags_.end.size()};
  }

  /// Cuts "<pre NAME>" out and gives what NAME stands for; "" where there is none.
  std::string take_modifier(std::string_view word, const ReplaceTags::Table& table) {
    const std::string opening = tags_.start + std::string(word) + " ";
    const auto open = pattern_.find(opening);
    if (open == std::string::npos) return "";
    const auto inside = open + opening.size();
    const auto close = pattern_.find(tags_.end, inside + 1);
    if (close == std::string::npos) return "";
    const auto found = table.find(std::string_view(pattern_).substr(inside, close - inside));
    pattern_.erase(open, close + tags_.end.size() - open);
    return found == table.end() ? "" : found->second;
  }

  void surround(std::vector<std::string>& pieces, const std::string& before,
                const std::string& after) const {
    for (auto& piece : pieces) {
      if (!before.empty()) {
        if (const auto tag = find(piece, 0)) piece.insert(tag->from, before);
      }
      if (after.empty()) continue;
      for (auto tag = find(piece, 0); tag; tag = find(piece, tag->to + after.size()))
        piece.insert(tag->to, after);
    }
  }

  /// True where what was put in holds tags itself.
  bool substitute(std::string& piece) const {
    const auto first = find(piece, 0);
    if (!first) return false;
    const std::string tag = piece.substr(first->from, first->to - first->from);
    const auto name = std::string_view(tag).substr(
        tags_.start.size(), tag.size() - tags_.start.size() - tags_.end.size());
    const auto found = tags_.tags.find(name);
    if (found == tags_.tags.end() || found->second.empty() || found->second == "0") return false;
    for (auto at = piece.find(tag); at != std::string::npos;
         at = piece.find(tag, at + found->second.size())) {
      piece.replace(at, tag.size(), found->second);
    }
    return holds_a_tag(found->second);
  }

  bool once() {
    const auto before = take_modifier("pre", tags_.before);
    const auto after = take_modifier("post", tags_.after);
    const auto between = take_modifier("inter", tags_.between);
    auto pieces = split_at_tags(pattern_);
    surround(pieces, before, after);
    bool again = false;
    std::string out;
    for (auto& piece : pieces) {
      if (piece.empty()) piece = between;
      if (substitute(piece)) again = true;
      out += piece;
      if (out.size() > longest) return false;
    }
    pattern_ = std::move(out);
    return again;
  }

  const ReplaceTags& tags_;
  std::string pattern_;
};

}  // namespace

std::string ReplaceTags::apply(std::string pattern) const {
  return Replacement(*this, std::move(pattern)).run();
}

}  // namespace postern
