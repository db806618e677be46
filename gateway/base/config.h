// config.h — reading the TOML configuration, one description a key.
//
// Every component describes its keys in one function, `describe(Keys&)`, on its settings struct:
//
//     void describe(QueueSettings& s, Keys& keys) {
//       keys.duration("minimal_backoff_time", s.minimal_backoff_time, seconds(1), seconds(86400),
//                     "Shortest time between two attempts. Raise it when retries crowd out fresh
//                     mail.");
//     }
//
// The value in the struct beforehand is the default. The same function reads a file (Reader) and
// writes the manual (Manual), so that the two cannot part. Unknown keys are errors, with the
// nearest known key as a suggestion. Durations are strings with a unit ("5m", "1h30m", "300s",
// "2d", "250ms"), sizes too ("10MiB", "256KiB", "4000").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"

namespace postern {

/// A mistake of the administrator: `where` is "file:line:column", `what` names cause and remedy.
struct Problem {
  std::string where;
  std::string what;
};

class Keys {
 public:
  using Describe = std::function<void(Keys&)>;
  virtual ~Keys() = default;

  virtual void flag(std::string_view name, bool& value, std::string_view help) = 0;
  virtual void integer(std::string_view name, std::int64_t& value, std::int64_t least,
                       std::int64_t most, std::string_view help) = 0;
  virtual void real(std::string_view name, double& value, double least, double most,
                    std::string_view help) = 0;
  virtual void duration(std::string_view name, milliseconds& value, milliseconds least,
                        milliseconds most, std::string_view help) = 0;
  virtual void size(std::string_view name, std::uint64_t& value, std::uint64_t least,
                    std::uint64_t most, std::string_view help) = 0;
  virtual void text(std::string_view name, std::string& value, std::string_view help) = 0;
  virtual void choice(std::string_view name, std::string& value,
                      const std::vector<std::string>& allowed, std::string_view help) = 0;
  virtual void list(std::string_view name, std::vector<std::string>& value,
                    std::string_view help) = 0;

  /// A sub-table [name]; `describe` is called once, with defaults where it is absent.
  virtual void table(std::string_view name, const Describe& describe, std::string_view help) = 0;
  /// An array of tables [[name]]; `describe` is called once for each.
  virtual void tables(std::string_view name, const Describe& describe, std::string_view help) = 0;

  /// "file:line:column" of a key of this table (or of the table where the key is absent), for
  /// problems that only a component can find, such as a map that cannot be read.
  virtual std::string where(std::string_view name) const = 0;
  /// Reports such a problem.
  virtual void problem(std::string_view name, std::string what) = 0;
};

/// Reads `path` through `describe`. All problems are collected, not just the first; an empty
/// vector means that every key was understood. Never throws for input.
std::vector<Problem> read_config(const std::string& path, const Keys::Describe& describe);
/// The same from text; `name` stands for the file in problems.
std::vector<Problem> read_config_text(std::string_view text, const std::string& name,
                                      const Keys::Describe& describe);

/// The commented default configuration: every key once with help, default and bounds.
std::string config_manual(const Keys::Describe& describe);

/// "5m" -> 300000 ms, "10MiB" -> 10485760. A plain number is seconds, or octets.
Result<milliseconds> parse_duration(std::string_view text);
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_duration(milliseconds value);
std::string format_size(std::uint64_t octets);

}  // namespace postern
