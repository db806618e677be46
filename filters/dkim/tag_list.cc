#include "filters/dkim/tag_list.h"

#include <algorithm>

#include "gateway/base/bytes.h"

namespace postern::dkim {
namespace {

bool is_tag_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_tag_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_tag_space(text.back())) text.remove_suffix(1);
  return text;
}

bool valid_name(std::string_view name) {
  return !name.empty() && is_alpha(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

bool valid_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return is_tag_space(c) || (octet > 0x20 && octet != 0x7f);
  });
}

}  // namespace

Result<TagList> TagList::parse(std::string_view text) {
  if (text.size() > longest_tag_list) return fail(std::errc::message_size, "the list is too long");
  TagList list;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view piece = text.substr(at, std::min(text.find(';', at), text.size()) - at);
    at += piece.size() + 1;
    // Behind the last semicolon nothing has to follow; between two something must.
    if (at > text.size() && !list.tags_.empty() && trimmed(piece).empty()) break;
    const auto equals = piece.find('=');
    if (equals == std::string_view::npos)
      return fail(std::errc::invalid_argument, "a piece that is no tag");
    const Tag tag{trimmed(piece.substr(0, equals)), trimmed(piece.substr(equals + 1)),
                  piece.substr(equals + 1)};
    if (!valid_name(tag.name) || !valid_value(tag.value))
      return fail(std::errc::invalid_argument, "a tag with impossible octets");
    if (list.find(tag.name) != nullptr)
      return fail(std::errc::invalid_argument, "the tag " + std::string(tag.name) + "= twice");
    if (list.tags_.size() == most_tags) return fail(std::errc::message_size, "too many tags");
    list.tags_.push_back(tag);
  }
  if (list.tags_.empty()) return fail(std::errc::invalid_argument, "no tags");
  return list;
}

const Tag* TagList::find(std::string_view name) const {
  const auto found = std::ranges::find(tags_, name, &Tag::name);
  return found == tags_.end() ? nullptr : &*found;
}

std::string_view TagList::value(std::string_view name) const {
  const Tag* tag = find(name);
  return tag == nullptr ? std::string_view() : tag->value;
}

std::string without_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !is_tag_space(c); });
  return out;
}

std::vector<std::string> colon_list(std::string_view text) {
  std::vector<std::string> out;
  for (const auto piece : split(text, ':')) out.push_back(to_lower(trimmed(piece)));
  return out;
}

}  // namespace postern::dkim
