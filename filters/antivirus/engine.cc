#include "filters/antivirus/engine.h"

#include <clamav.h>

#include <utility>

#include "gateway/base/bytes.h"

namespace postern {
namespace {

// An unpacker that stops at the limit writes whole buffers: a cut file is near the limit, not on
// it.
constexpr std::size_t cut_margin = 64U << 10;
constexpr unsigned database_options = CL_DB_STDOPT & ~static_cast<unsigned>(CL_DB_BYTECODE);

/// What the callbacks fill; libclamav hands it to them as their context.
struct Watch {
  EngineRun run;
  const std::function<std::string()>& check;
  std::uint64_t file_size;

  void look_around() {
    if (run.starved.empty()) run.starved = check();
  }
};

// The message callback is one for the process; outside of a scan it has no context, and says why
// a database does not load.
std::string last_message;

void on_message(cl_msg severity, const char*, const char* text, void* context) {
  if (severity < CL_MSG_WARN) return;
  std::string message(trim(text));
  if (context == nullptr) {
    last_message = std::move(message);
    return;
  }
  EngineRun& run = static_cast<Watch*>(context)->run;
  if (run.noise.empty()) run.noise = std::move(message);
}

cl_error_t on_enter(int, const char*, void* context) {
  auto* watch = static_cast<Watch*>(context);
  ++watch->run.entered;
  watch->look_around();
  return CL_CLEAN;
}

cl_error_t on_leave(int, int, const char*, void* context) {
  auto* watch = static_cast<Watch*>(context);
  ++watch->run.left;
  watch->look_around();
  return CL_CLEAN;
}

// Asked before a member of an archive is unpacked, and so the only trace of one that is skipped.
cl_error_t on_member(const char* container, unsigned long, const char* name, unsigned long size,
                     int encrypted, unsigned, void* context) {
  auto* watch = static_cast<Watch*>(context);
  const std::string member = printable(name != nullptr ? name : "?", 60) + " in " +
                             (container != nullptr ? container : "?");
  if (encrypted != 0) watch->run.encrypted = member;
  if (size >= watch->file_size) watch->run.oversized = member;
  return CL_CLEAN;
}

cl_error_t on_layer(int, const char* type, const char**, size_t, const char* name, size_t size,
                    const char*, uint32_t level, uint32_t, void* context) {
  auto* watch = static_cast<Watch*>(context);
  if (level > 0 && size + cut_margin >= watch->file_size) {
    watch->run.oversized = printable(name != nullptr ? name : type, 60);
  }
  return CL_CLEAN;
}

cl_scan_options scan_options() {
  cl_scan_options options{};
  options.general = CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0U;
  options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
                      CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
  options.mail = CL_SCAN_MAIL_PARTIAL_MESSAGE;
  return options;
}

EngineRun::Said said(cl_error_t code) {
  switch (code) {
    case CL_CLEAN:
      return EngineRun::Said::clean;
    case CL_VIRUS:
      return EngineRun::Said::virus;
    // Of these the content is the cause, not the machine.
    case CL_EMAXREC:
    case CL_EMAXSIZE:
    case CL_EMAXFILES:
    case CL_ETIMEOUT:
    case CL_EFORMAT:
    case CL_EPARSE:
    case CL_EUNPACK:
      return EngineRun::Said::limit;
    default:
      return EngineRun::Said::error;
  }
}

std::unexpected<Error> fail_clam(const std::string& what, cl_error_t code) {
  std::string text = what + ": " + cl_strerror(code);
  if (!last_message.empty()) text += " (" + last_message + ")";
  return fail(std::errc::io_error, std::move(text));
}

Result<> set_number(cl_engine* engine, cl_engine_field field, long long value) {
  const cl_error_t code = cl_engine_set_num(engine, field, value);
  if (code != CL_SUCCESS) return fail_clam("cl_engine_set_num", code);
  return {};
}

}  // namespace

Result<> Engine::set_limits(const EngineLimits& limits) {
  limits_ = limits;
  TRY(set_number(engine_, CL_ENGINE_MAX_FILESIZE, static_cast<long long>(limits.file_size)));
  TRY(set_number(engine_, CL_ENGINE_MAX_SCANSIZE, static_cast<long long>(limits.scan_size)));
  TRY(set_number(engine_, CL_ENGINE_MAX_SCANTIME, limits.scan_time.count()));
  // It would remember what it called clean while it was starved.
  return set_number(engine_, CL_ENGINE_DISABLE_CACHE, 1);
}

Result<> Engine::load_database(const std::string& path) {
  last_message.clear();
  unsigned count = 0;
  const cl_error_t code = cl_load(path.c_str(), engine_, &count, database_options);
  if (code != CL_SUCCESS) return fail_clam("cannot load signatures from " + path, code);
  if (count == 0) return fail(std::errc::invalid_argument, "no signatures in " + path);
  signatures_ += count;
  return {};
}

Result<std::unique_ptr<Engine>> Engine::load(const std::vector<std::string>& databases,
                                             const EngineLimits& limits,
                                             const std::string& scratch) {
  cl_set_clcb_msg(on_message);
  const cl_error_t started = cl_init(CL_INIT_DEFAULT);
  if (started != CL_SUCCESS) return fail_clam("cl_init", started);
  std::unique_ptr<Engine> engine(new Engine(cl_engine_new()));
  if (engine->engine_ == nullptr) return fail(std::errc::not_enough_memory, "cl_engine_new");
  TRY(engine->set_limits(limits));
  TRY(engine->set_scratch(scratch));
  for (const std::string& database : databases) TRY(engine->load_database(database));
  const cl_error_t compiled = cl_engine_compile(engine->engine_);
  if (compiled != CL_SUCCESS) return fail_clam("cl_engine_compile", compiled);
  cl_engine_set_clcb_pre_scan(engine->engine_, on_enter);
  cl_engine_set_clcb_post_scan(engine->engine_, on_leave);
  cl_engine_set_clcb_meta(engine->engine_, on_member);
  cl_engine_set_clcb_file_inspection(engine->engine_, on_layer);
  return engine;
}

Engine::~Engine() {
  if (engine_ != nullptr) cl_engine_free(engine_);
}

Result<> Engine::set_scratch(const std::string& directory) {
  const cl_error_t code = cl_engine_set_str(engine_, CL_ENGINE_TMPDIR, directory.c_str());
  if (code != CL_SUCCESS) return fail_clam("cannot use " + directory, code);
  return {};
}

EngineRun Engine::run(std::string_view octets, const std::function<std::string()>& check) const {
  Watch watch{{}, check, limits_.file_size};
  cl_fmap_t* map = cl_fmap_open_memory(octets.data(), octets.size());
  if (map == nullptr) {
    watch.run.name = "cl_fmap_open_memory failed";
    return std::move(watch.run);
  }
  const char* name = nullptr;
  unsigned long scanned = 0;
  cl_scan_options options = scan_options();
  const cl_error_t code =
      cl_scanmap_callback(map, nullptr, &name, &scanned, engine_, &options, &watch);
  cl_fmap_close(map);
  watch.run.said = said(code);
  watch.run.name = code == CL_VIRUS && name != nullptr ? name : cl_strerror(code);
  return std::move(watch.run);
}

}  // namespace postern
