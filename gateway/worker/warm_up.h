// warm_up.h — what libraries would load on first use is loaded now, while there are files.
#pragma once

namespace postern {

/// Converters of charsets, the time zone, OpenSSL's configuration and digests. In a process that
/// will fork workers, in the thread that will fork.
void warm_up();

}  // namespace postern
