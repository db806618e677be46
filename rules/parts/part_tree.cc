#include "rules/parts/part_tree.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gateway/base/bytes.h"
#include "rules/parts/body_lines.h"
#include "rules/parts/content_type.h"
#include "rules/parts/field_text.h"
#include "rules/parts/header_section.h"
#include "rules/parts/multipart.h"

namespace postern {
namespace {

constexpr unsigned deepest_level = 20;
constexpr std::size_t most_parts = 10'000;

bool is_multipart(const Part& part) { return part.type.starts_with("multipart/"); }
bool is_attached_message(const Part& part) {
  return part.type == "message/rfc822" || part.type == "message/global";
}
/// Perl's truth: what is written "0" does not count.
bool counts(std::string_view text) { return !text.empty() && text != "0"; }

class TreeBuilder {
 public:
  TreeBuilder(std::deque<std::string>& storage, PartTree& tree) : storage_(storage), tree_(tree) {}

  /// Breadth first, as SpamAssassin does it: boundaries that are used twice are counted in this
  /// order.
  void run(std::string_view octets) {
    add_message(octets, no_parent, deepest_level);
    for (std::size_t next = 0; next < waiting_.size(); ++next) {
      const auto item = waiting_[next];
      const auto& part = parts_[item.part];
      if (is_multipart(part) && !part.boundary.empty() && item.levels > 0) {
        split(item);
      } else {
        finish_leaf(item);
        if (is_attached_message(parts_[item.part]) && item.levels > 0) open_message(item);
      }
    }
    tree_.flags.missing_boundary =
        std::ranges::any_of(open_boundaries_, [](const auto& entry) { return entry.second != 0; });
    hand_out_in_order();
  }

 private:
  static constexpr std::size_t no_parent = static_cast<std::size_t>(-1);
  struct Waiting {
    std::size_t part;
    std::string_view body;
    unsigned levels;  // that may still be opened below
  };

  void add_part(Part part, std::size_t parent, std::string_view body, unsigned levels) {
    const auto number = parts_.size();
    part.parent = parent == no_parent ? number : parent;
    if (parent != no_parent) {
      part.depth = parts_[parent].depth + 1;
      parts_[parent].children.push_back(number);
    }
    part.transfer_encoding =
        to_lower(last_field_text(part.fields, "content-transfer-encoding").value_or(""));
    waiting_.push_back({number, body, levels});
    parts_.push_back(std::move(part));
  }

  /// The message itself, or one that is attached.
  void add_message(std::string_view octets, std::size_t parent, unsigned levels) {
    if (octets.empty()) octets = "\n";
    octets = without_mbox_line(octets);
    auto section = read_header_section(octets, storage_.emplace_back());
    const auto header = octets.substr(0, section.size);
    const auto body = octets.substr(section.size);
    if (parent == no_parent) {
      tree_.header = header;
      tree_.body = body;
      tree_.flags.missing_head_body_separator = section.missing_separator;
      tree_.flags.truncated_header = section.truncated;
    }
    Part part;
    part.fields = std::move(section.fields);
    auto type = parse_content_type(last_field_text(part.fields, "content-type"));
    part.type = std::move(type.type);
    part.boundary = std::move(type.boundary);
    const auto lines = with_room_for_header(body_lines(body, section.crlf, storage_), part);
    add_part(std::move(part), parent, lines, levels);
  }

  /// A multipart's body that begins with text begins with no part's header.
  std::string_view with_room_for_header(std::string_view body, const Part& part) {
    const auto first = body.substr(0, body.find('\n'));
    const bool one_line = first.size() + 1 >= body.size();
    if (!is_multipart(part) || one_line || trim(first).empty()) return body;
    if (!part.boundary.empty() && first.starts_with("--" + part.boundary)) return body;
    return storage_.emplace_back("\n").append(body);
  }

  void split(const Waiting& item) {
    auto& whole = parts_[item.part];
    whole.is_leaf = false;
    const std::string boundary = whole.boundary;
    const bool digest = whole.type == "multipart/digest";
    auto cut = split_multipart(item.body, boundary, storage_);
    auto& flags = tree_.flags;
    flags.missing_mime_headers |= cut.missing_headers;
    flags.missing_mime_head_body_separator |= cut.missing_separator;
    flags.mimepart_limit_exceeded |= cut.too_many;
    flags.mime_epilogue_exists |= cut.epilogue;
    if (cut.opened) open_boundaries_[boundary] = 1;
    if (cut.closed) --open_boundaries_[boundary];

    for (auto& piece : cut.pieces) {
      if (parts_.size() == most_parts) {
        flags.mimepart_limit_exceeded = true;
        return;
      }
      Part part;
      part.fields = std::move(piece.fields);
      auto type = parse_content_type(last_field_text(part.fields, "content-type"));
      part.type = type.missing && digest ? "message/rfc822" : std::move(type.type);
      part.boundary = counts(type.boundary) ? std::move(type.boundary) : boundary;
      add_part(std::move(part), item.part, piece.body, item.levels - 1);
    }
  }

  void finish_leaf(const Waiting& item) {
    auto& part = parts_[item.part];
    auto type = parse_content_type(last_field_text(part.fields, "content-type"));
    // A multipart without a boundary is text. A type that was not declared stays what it was taken
    // for.
    if (!type.missing) {
      const bool cut = type.type.starts_with("multipart/") && part.boundary.empty();
      part.type = cut ? "text/plain" : std::move(type.type);
    }
    part.charset = std::move(type.charset);
    part.name = disposition_name(last_field_text(part.fields, "content-disposition").value_or(""));
    if (part.name.empty() && counts(type.name)) part.name = std::move(type.name);
    part.raw = item.body;
  }

  void open_message(const Waiting& item) {
    const auto& decoded = storage_.emplace_back(parts_[item.part].decoded());
    if (decoded.empty() || parts_.size() == most_parts) return;
    parts_[item.part].is_leaf = false;
    parts_[item.part].raw = {};
    parts_[item.part].drop_decoded();
    add_message(decoded, item.part, item.levels - 1);
  }

  /// Depth first, each part behind its parent.
  void hand_out_in_order() {
    std::vector<std::size_t> order;
    std::vector<std::size_t> places(parts_.size());
    std::vector<std::size_t> stack{0};
    while (!stack.empty()) {
      const auto number = stack.back();
      stack.pop_back();
      places[number] = order.size();
      order.push_back(number);
      const auto& children = parts_[number].children;
      stack.insert(stack.end(), children.rbegin(), children.rend());
    }
    tree_.parts.reserve(order.size());
    for (const auto number : order) {
      auto& part = tree_.parts.emplace_back(std::move(parts_[number]));
      part.parent = places[part.parent];
      for (auto& child : part.children) child = places[child];
    }
  }

  std::deque<std::string>& storage_;
  PartTree& tree_;
  std::vector<Part> parts_;
  std::vector<Waiting> waiting_;
  std::map<std::string, int, std::less<>> open_boundaries_;
};

}  // namespace

PartTree take_apart(std::string_view octets, std::deque<std::string>& storage) {
  PartTree tree;
  TreeBuilder(storage, tree).run(octets);
  return tree;
}

}  // namespace postern
