// scanner.h — whether a message has a virus, and when libclamav's word for it counts.
//
// libclamav fails open: with its scratch directory full, missing or forbidden, or without free
// descriptors, it calls an archive clean that it never opened, and it silently skips a member just
// above its size limit (measured; faults F23 and F25). So its "clean" is evidence only while all of
// this held: space and inodes in the scratch directory, free descriptors, every part visited, none
// cut or skipped for its size, no warning from the library, and the canary found within the last
// minute. Otherwise the outcome is `error` where the machine is the cause, and `unscannable` where
// the machine is sound, so that the content must be.
//
// One thread. load() in the zygote; enter() and the rest in a worker, whose own copy it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "filters/antivirus/antivirus.h"
#include "filters/antivirus/canary.h"
#include "filters/antivirus/engine.h"
#include "gateway/mail/mime.h"

namespace postern {

class Scanner {
 public:
  /// Loads the signatures and a canary, and finds the canary; `scratch` must exist.
  static Result<std::unique_ptr<Scanner>> load(const AntivirusSettings& settings,
                                               const std::string& scratch);

  /// In a forked worker: unpack in this directory from now on.
  Result<> enter(const std::string& scratch);
  /// The canary is found. An error: this process must not scan any more.
  Result<> prove();

  /// Every decoded part by itself, then the whole message as libclamav reads it. `until`: the
  /// caller's deadline; the settings' own may come first.
  ScanReport scan(std::string_view message, SteadyTime until);
  /// The octets as one file.
  ScanReport scan_file(std::string_view octets, const std::string& what);

  unsigned signatures() const { return engine_->signatures(); }

 private:
  Scanner(AntivirusSettings settings, Canary canary, std::unique_ptr<Engine> engine)
      : settings_(std::move(settings)), canary_(std::move(canary)), engine_(std::move(engine)) {}
  /// What is wrong with the machine around us; empty when nothing is.
  std::string starved() const;
  bool clear_scratch() const;
  ScanReport scan_once(std::string_view octets, const std::string& what, std::string& noise);
  ScanReport scan_part(std::string_view message, const MimePart& part, std::size_t index);
  ScanReport judge(const EngineRun& run, const std::string& what) const;

  AntivirusSettings settings_;
  Canary canary_;
  std::unique_ptr<Engine> engine_;
  std::string scratch_;
  SteadyTime proved_{};
};

}  // namespace postern
