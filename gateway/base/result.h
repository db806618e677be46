// result.h — what a function returns that can fail because of the world.
//
// Three kinds of error, three ways: the peer's becomes an SMTP reply, the world's a Result<T>,
// ours an exception or an assert. Whoever ignores a Result gets a warning.
#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <system_error>
#include <utility>

namespace postern {

struct Error {
  std::error_code code;
  std::string what;  // for the log and the operator, never for the peer
};

/// std::expected, with a warning for whoever ignores it.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// An error with a meaning of <errc>: `return fail(std::errc::invalid_argument, "…")`.
inline std::unexpected<Error> fail(std::errc code, std::string what) {
  return std::unexpected(Error{std::make_error_code(code), std::move(what)});
}

/// The error in errno after a failed system call; `what` names the call and its object.
inline std::unexpected<Error> fail_errno(std::string what, int number = errno) {
  const std::error_code code(number, std::generic_category());
  return std::unexpected(Error{code, std::move(what) + ": " + code.message()});
}

/// Hands an error up with the place in front: "postern.toml:3: no such file".
inline std::unexpected<Error> fail_at(std::string place, Error error) {
  error.what = std::move(place) + ": " + error.what;
  return std::unexpected(std::move(error));
}

}  // namespace postern

// TRY(auto zone, parse_zone(text));   declares zone, or returns the error
// TRY(write_all(fd, octets));         for Result<void>
// CO_TRY is the same in a coroutine. The temporary is named by __COUNTER__: two fit on a line.
#define POSTERN_JOIN_(a, b) a##b
#define POSTERN_JOIN(a, b) POSTERN_JOIN_(a, b)
#define POSTERN_TRY_VALUE(leave, name, declaration, expression) \
  auto name = (expression);                                     \
  if (!name) leave std::unexpected(std::move(name).error());    \
  declaration = *std::move(name)
#define POSTERN_TRY_VOID(leave, expression) \
  if (auto result_ = (expression); !result_) leave std::unexpected(std::move(result_).error())
#define POSTERN_TRY1(leave, expression) POSTERN_TRY_VOID(leave, expression)
#define POSTERN_TRY2(leave, declaration, expression) \
  POSTERN_TRY_VALUE(leave, POSTERN_JOIN(result_, __COUNTER__), declaration, expression)
#define POSTERN_PICK(one, two, name, ...) name
#define TRY(...) POSTERN_PICK(__VA_ARGS__, POSTERN_TRY2, POSTERN_TRY1)(return, __VA_ARGS__)
#define CO_TRY(...) POSTERN_PICK(__VA_ARGS__, POSTERN_TRY2, POSTERN_TRY1)(co_return, __VA_ARGS__)
