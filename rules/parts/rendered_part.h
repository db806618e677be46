// rendered_part.h — how text came out of a part.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rules/html/html_text.h"

namespace postern {

struct RenderedPart {
  bool is_text = false;            // text/plain or text/html; all else is empty
  bool unicode = false;            // Perl holds the text as characters; see rules/html/html_text.h
  std::string plain;               // UTF-8, before paragraphs are made; of a part that is no HTML
  std::unique_ptr<HtmlText> html;  // what was found in it, for HTML parts only

  std::string_view text() const { return html ? html->text : plain; }
  std::string_view visible_text() const { return html ? html->visible_text : plain; }
  std::string_view invisible_text() const {
    return html ? std::string_view(html->invisible_text) : std::string_view();
  }
};

}  // namespace postern
