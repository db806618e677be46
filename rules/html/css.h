// css.h — the little of style sheets that SpamAssassin reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/html/colors.h"

namespace postern {

/// Of the value of `background:`: the words of the layer at the bottom, which is the last one.
/// Brackets and quotes hold words together. Nothing where the value has no layer at all.
std::optional<std::vector<std::string>> css_bottom_layer(std::string_view background);

/// "rgb(1, 2, 3)", "rgba(…)": the first three numbers, none above 255.
HtmlColor css_rgb(std::string_view value);

}  // namespace postern
