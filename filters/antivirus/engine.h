// engine.h — libclamav's engine, and everything that it lets slip while it scans.
//
// The only file beside engine.cc that knows libclamav. What a code or a name means for a message is
// decided in scanner.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"

struct cl_engine;

namespace postern {

struct EngineLimits {
  std::uint64_t file_size;
  std::uint64_t scan_size;
  milliseconds scan_time;
};

/// What one run said, and what was seen on the way.
struct EngineRun {
  enum class Said : std::uint8_t { clean, virus, limit, error };
  Said said = Said::error;
  std::string name;      // virus: of the signature; limit, error: libclamav's words
  unsigned entered = 0;  // layers begun and ended; the outermost is the octets themselves
  unsigned left = 0;
  std::string encrypted;  // a member that needs a password
  std::string oversized;  // a member that is cut off at file_size, or skipped for it
  std::string starved;    // what `check` complained of
  std::string noise;      // the first warning or error message of the library
};

class Engine {
 public:
  /// `scratch` is used while loading. Bytecode signatures are left out: those are programs, and
  /// would want executable memory.
  static Result<std::unique_ptr<Engine>> load(const std::vector<std::string>& databases,
                                              const EngineLimits& limits,
                                              const std::string& scratch);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<> set_scratch(const std::string& directory);
  /// `check` is asked at each layer: empty while all is well.
  EngineRun run(std::string_view octets, const std::function<std::string()>& check) const;
  unsigned signatures() const { return signatures_; }

 private:
  explicit Engine(cl_engine* engine) : engine_(engine) {}
  Result<> set_limits(const EngineLimits& limits);
  Result<> load_database(const std::string& path);

  cl_engine* engine_;
  EngineLimits limits_{};
  unsigned signatures_ = 0;
};

}  // namespace postern
