// question.h — what network rules ask of the DNS and of Pyzor, and what they get.
//
// This library does no I/O: the caller asks, all questions at once, and brings the answers back.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace postern {

/// The record types that rules may name; the numbers are those of the DNS.
enum class QuestionType : std::uint16_t { a = 1, ns = 2, ptr = 12, mx = 15, txt = 16, aaaa = 28 };

/// pyzor: `name` is a digest of 40 digits, and there is no type.
enum class NetworkService : std::uint8_t { dns, pyzor };

struct NetworkQuestion {
  std::string name;  // lower case, ASCII, without a final dot
  QuestionType type = QuestionType::a;
  NetworkService service = NetworkService::dns;
  auto operator<=>(const NetworkQuestion&) const = default;
};

struct NetworkAnswer {
  enum class Status : std::uint8_t { found, no_such_name, no_records, failed };
  Status status = Status::failed;
  std::vector<std::string> records;  // A, AAAA: numeric; TXT: its strings joined; others: the host
  std::string authority = {};        // of a negative answer, the first name server of its zone
  std::uint64_t reported = 0;        // Pyzor's counts, of all servers together
  std::uint64_t welcome = 0;
};

}  // namespace postern
