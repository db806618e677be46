// manifest.h — what a backup consists of: written last, so that half a backup has none.
//
// Text, for people with a shell; FORMAT.md has an example.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/result.h"

namespace postern {

inline constexpr const char* manifest_path = "manifest";

struct Manifest {
  struct File {
    std::string path;
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  WallTime taken{};
  std::uint64_t messages = 0;
  std::vector<File> files;

  std::string encode() const;
  /// Only names that a spool has are let in, each once.
  static Result<Manifest> parse(std::string_view text);
};

}  // namespace postern
