// replay_main.cc — runs a fuzz target without a fuzzer: over each seed, each beginning of it, and
// some damage that has broken parsers before. This is what keeps the targets honest in every build.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::size_t most_runs = 2000;  // of one kind, for one seed: large seeds are sampled

/// In memory of exactly its size, so that AddressSanitizer sees a read behind the end.
void run(std::string_view input) {
  const auto copy = std::make_unique<std::uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), copy.get());
  LLVMFuzzerTestOneInput(copy.get(), input.size());
}

void run_seed(const std::string& seed) {
  run(seed);
  run(seed + seed);
  const std::size_t step = seed.size() / most_runs + 1;
  for (std::size_t i = 0; i < seed.size(); i += step) {
    run(std::string_view(seed).substr(0, i));
    run(std::string_view(seed).substr(i));
    std::string shorter = seed;
    run(shorter.erase(i, 1));
    for (const char c : {'\0', '\r', '\n', '"', '(', '=', '\\', '\xff'}) {
      std::string damaged = seed;
      damaged[i] = c;
      run(damaged);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t seeds = 0;
  run("");
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> paths;
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
        paths.push_back(entry.path());
    } else {
      paths.emplace_back(argv[i]);
    }
    std::ranges::sort(paths);
    for (const auto& path : paths) {
      std::ifstream file(path, std::ios::binary);
      if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 1;
      }
      const std::string seed((std::istreambuf_iterator<char>(file)), {});
      std::fprintf(stderr, "%s\n", path.c_str());  // names the seed when an oracle aborts
      run_seed(seed);
      ++seeds;
    }
  }
  if (seeds == 0) std::fprintf(stderr, "usage: %s FILE_OR_FOLDER...; found no seed\n", argv[0]);
  return seeds == 0 ? 1 : 0;
}
