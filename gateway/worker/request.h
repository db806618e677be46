// request.h — a question on its way to a worker: which filter, what is known, and the message.
//
// Small messages travel in the frame. Large ones stand in a memfd that the gateway has filled and
// sealed, so that neither side can change them under the other, and the frame carries their size.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/unique_fd.h"
#include "gateway/pipeline/filter.h"

namespace postern {

struct Request {
  std::string filter;
  Evidence evidence;
  Message message;
};

/// The body of an `ask` frame, and the descriptor to pass with it (none for a small message).
struct EncodedRequest {
  std::string body;
  UniqueFd content;
};
Result<EncodedRequest> encode_request(std::string_view filter, const Evidence& evidence,
                                      const Message& message);

/// `content`: the descriptor that came with the frame, or none. An error where they do not agree.
Result<Request> decode_request(std::string_view body, const UniqueFd& content);

}  // namespace postern
