// uri_references.h — characters hidden in URIs by HTML's references, and addresses hidden by names.
#pragma once

#include <string>
#include <string_view>

namespace postern {

/// &#65; and &#x41; of visible ASCII become what they stand for (decimal ones first, so that one
/// may hide the other), those of ideographic and wide full stops a dot.
std::string without_references(std::string uri);

/// "a@b" of "mailto:Name<a@b>", "" where there is none; parameters ('?', '&') end the search.
std::string_view bracketed_mailbox(std::string_view uri);

}  // namespace postern
