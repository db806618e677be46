// header_tokens.h — the fields of a message's header cut into tokens: Plugin/Bayes.pm,
// _tokenize_headers.
//
// Each field gives tokens with its name in front ("HReply-To:…", common names in short: "H*F:…" for
// From). What changes with every message is taken out first: dates, queue ids, parts of message
// ids, boundaries. Of Received fields the two lowest count; fields that other filters wrote, lists
// and tracking add do not. Message ids, addresses and mail programs come a second time without
// regard to the field ("H*MI:", "H*Ad:", "H*UA:").
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/bayes/line_tokens.h"

namespace postern {

struct HeaderText {
  std::string_view name;   // as written
  std::string_view value;  // decoded and unfolded, in UTF-8
};

/// `fields` from the top; `relays` are the values of x-spam-relays-*, under those names. Stops
/// where the bag has grown by 10,000 tokens.
void add_header_tokens(std::span<const HeaderText> fields, std::span<const HeaderText> relays,
                       const BayesSettings& settings, Matcher& matcher, TokenBag& bag);

/// Whether a field never gives tokens, whatever is configured.
bool is_ignored_header(std::string_view name);

}  // namespace postern
