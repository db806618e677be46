// image_area.h — two small questions to attributes: how large an image is, and whether a font has a
// usual name.
#pragma once

#include "rules/html/attributes.h"

namespace postern {

/// Width times height of an <img> in pixels; per cent are those of a screen of 800 by 600, and what
/// is no number counts as 200. 0 where one of the two is missing.
double image_area(const Attributes& attributes);

/// Whether `face` looks like a list of names that typefaces have: letters, blanks and hyphens, a
/// digit at the end, each in quotes or not.
bool is_usual_font_face(const HtmlString& face);

}  // namespace postern
