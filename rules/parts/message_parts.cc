#include "rules/parts/message_parts.h"

#include "rules/parts/content_type.h"
#include "rules/parts/field_text.h"
#include "rules/parts/part_tree.h"
#include "rules/parts/rendering.h"
#include "rules/text/transfer_encoding.h"

namespace postern {
namespace {

bool is_text_or_message(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("message/");
}

void drop_carriage_returns(std::string& text) {
  std::size_t at = text.find("\r\n");
  if (at == std::string::npos) return;
  std::size_t to = at;
  for (; at < text.size(); ++at) {
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
    text[to++] = text[at];
  }
  text.resize(to);
}

std::string decode(const Part& part) {
  if (part.transfer_encoding == "quoted-printable") {
    auto out = undo_quoted_printable(part.raw);
    drop_carriage_returns(out);
    return out;
  }
  if (part.transfer_encoding == "base64") {
    auto out = undo_base64(part.raw);
    if (is_text_or_message(part.type)) drop_carriage_returns(out);
    return out;
  }
  return std::string(part.raw);
}

}  // namespace

std::string_view Part::effective_type() const {
  return is_html_name(name) ? std::string_view("text/html") : std::string_view(type);
}

const std::string& Part::decoded() const {
  if (!decoded_) decoded_ = std::make_unique<std::string>(decode(*this));
  return *decoded_;
}

const RenderedPart& Part::rendered() const {
  if (!rendered_) rendered_ = std::make_unique<RenderedPart>(render(*this));
  return *rendered_;
}

std::optional<std::string> Part::field(std::string_view wanted) const {
  return last_field_text(fields, wanted);
}

MessageParts::MessageParts(std::string_view octets) {
  auto tree = take_apart(octets, storage_);
  header_ = tree.header;
  body_ = tree.body;
  parts_ = std::move(tree.parts);
  flags = tree.flags;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].is_leaf && !parts_[i].type.empty()) leaves_.push_back(i);
  }
}

}  // namespace postern
