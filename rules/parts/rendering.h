// rendering.h — a part's text as people read it (Message/Node.pm, rendered).
#pragma once

#include "rules/parts/message_parts.h"

namespace postern {

/// Of text/plain and text/html by effective type: transfer encoding undone, UTF-8, HTML taken out.
RenderedPart render(const Part& part);

}  // namespace postern
