// pyzor_message.h — the packets of Pyzor's protocol, version 2.1: header fields over UDP
// (pyzor/message.py, client.py and server.py of Pyzor 1.0.0).
//
// An answer is data from strangers: decoded strictly, with limits. Nobody signs anything: the
// anonymous user has no key, and servers do not look at his signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/net/dns.h"

namespace postern {

constexpr std::size_t largest_pyzor_packet = 8192;
/// Numbers below are for errors of the server.
constexpr std::uint16_t least_pyzor_thread = 1024;

/// Asks how often `digest` was reported. `thread` is random, and the answer has it again.
std::string encode_pyzor_check(std::string_view digest, std::uint16_t thread, std::int64_t now);

/// An error: not an answer to that question, or one that says so itself (Code other than 200).
Result<DigestCount> decode_pyzor_answer(std::string_view packet, std::uint16_t thread);

/// 40 digits of SHA-1 in lower case.
bool is_pyzor_digest(std::string_view text);

}  // namespace postern
