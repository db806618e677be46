#include "tests/support/simulated_disk.h"

#include <algorithm>

namespace postern {

namespace {

constexpr std::size_t sector = 512;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

void put(std::string& octets, std::uint64_t offset, std::string_view piece) {
  if (octets.size() < offset + piece.size()) octets.resize(offset + piece.size());
  octets.replace(offset, piece.size(), piece);
}

/// A write of which some sectors arrived, and the new size perhaps without its octets.
void put_torn(std::string& octets, std::uint64_t offset, std::string_view piece, Loss& loss) {
  if (loss.survives()) octets.resize(std::max<std::size_t>(octets.size(), offset + piece.size()));
  for (std::size_t at = 0; at < piece.size();) {
    const auto end = std::min(piece.size(), (offset + at) / sector * sector + sector - offset);
    if (loss.survives()) put(octets, offset + at, piece.substr(at, end - at));
    at = end;
  }
}

}  // namespace

bool Loss::survives() {
  return kind_ == Kind::nothing || (kind_ == Kind::random && random_() % 2 == 0);
}

unsigned Loss::write_fate() {
  if (kind_ != Kind::random) return kind_ == Kind::nothing ? 1 : 0;
  return static_cast<unsigned>(random_() % 3);
}

DiskHistory::DiskHistory(DiskImage start)
    : start_(std::move(start)), directories_(start_.directories) {
  for (const auto& [path, octets] : start_.files) {
    names_[path] = files_.size();
    files_.push_back({octets, path});
  }
  start_names_ = names_;
}

void DiskHistory::mark(std::string what, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  operations_.push_back({Kind::mark, 0, number, std::move(what), {}});
}

void DiskHistory::inject(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void DiskHistory::fail_reads(std::string path) {
  const std::lock_guard lock(mutex_);
  unreadable_ = std::move(path);
}

void DiskHistory::hold_syncs(std::string path) {
  const std::lock_guard lock(mutex_);
  held_ = std::move(path);
  changed_.notify_all();
}

void DiskHistory::wait_for_held_sync() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ > 0; });
}

void DiskHistory::slow_syncs(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  sync_time_ = time;
}

void DiskHistory::set_capacity(std::uint64_t octets) {
  const std::lock_guard lock(mutex_);
  capacity_ = octets;
}

unsigned DiskHistory::forbidden() const {
  const std::lock_guard lock(mutex_);
  return forbidden_;
}

std::size_t DiskHistory::size() const {
  const std::lock_guard lock(mutex_);
  return operations_.size();
}

std::vector<DiskHistory::Operation> DiskHistory::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

DiskImage DiskHistory::now() const {
  const std::lock_guard lock(mutex_);
  DiskImage out;
  out.directories = directories_;
  for (const auto& [path, file] : names_) out.files[path] = files_[file].octets;
  return out;
}

DiskImage DiskHistory::crash(std::size_t operations, Loss loss) const {
  const std::lock_guard lock(mutex_);
  const auto end = std::min(operations, operations_.size());
  std::map<std::uint64_t, std::size_t> file_synced;
  std::map<std::string, std::size_t> directory_synced;
  for (std::size_t i = 0; i < end; ++i) {
    const auto& operation = operations_[i];
    if (operation.kind == Kind::sync) file_synced[operation.file] = operation.number;
    if (operation.kind == Kind::sync_directory) directory_synced[operation.path] = i;
  }
  const auto safe = [](const auto& synced, const auto& key, std::size_t i) {
    const auto found = synced.find(key);
    return found != synced.end() && i < found->second;
  };

  auto names = start_names_;
  auto directories = start_.directories;
  std::map<std::uint64_t, std::string> contents;
  for (const auto& [path, file] : start_names_) contents[file] = start_.files.at(path);
  for (std::size_t i = 0; i < end; ++i) {
    const auto& operation = operations_[i];
    const auto kept = [&] {
      return safe(directory_synced, directory_of(operation.path), i) || loss.survives();
    };
    switch (operation.kind) {
      case Kind::create:
        if (kept()) names[operation.path] = operation.file;
        break;
      case Kind::remove:
        if (kept()) names.erase(operation.path);
        break;
      case Kind::rename:
        if (kept() && names.contains(operation.path)) {
          names[operation.to] = names[operation.path];
          names.erase(operation.path);
        }
        break;
      case Kind::make_directory:
        if (kept()) directories.insert(operation.path);
        break;
      case Kind::truncate:
        if (safe(file_synced, operation.file, i) || loss.survives()) {
          contents[operation.file].resize(operation.number);
        }
        break;
      case Kind::write: {
        const unsigned fate = safe(file_synced, operation.file, i) ? 1 : loss.write_fate();
        if (fate == 1) put(contents[operation.file], operation.number, operation.to);
        if (fate == 2) put_torn(contents[operation.file], operation.number, operation.to, loss);
        break;
      }
      case Kind::sync:
      case Kind::sync_directory:
      case Kind::mark:
        break;
    }
  }

  DiskImage out;
  out.directories = directories;
  for (const auto& [path, file] : names) {
    const auto directory = directory_of(path);
    if (directory == "." || directories.contains(directory)) out.files[path] = contents[file];
  }
  return out;
}

std::optional<Error> DiskHistory::fault(Kind kind, const std::string& path) {
  for (auto& fault : faults_) {
    if (fault.kind != kind || !path.starts_with(fault.path) || fault.times == 0) continue;
    if (fault.after > 0) {
      --fault.after;
      continue;
    }
    --fault.times;
    return fail_errno("simulated fault on " + path, fault.error).error();
  }
  return std::nullopt;
}

bool DiskHistory::has_directory(const std::string& path) const {
  return path == "." || directories_.contains(path);
}

void DiskHistory::wait_for_sync(std::unique_lock<std::mutex>& lock, const std::string& path) {
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return held_.empty() || !path.starts_with(held_); });
  if (sync_time_.count() > 0) {
    const auto end = std::chrono::steady_clock::now() + sync_time_;
    while (changed_.wait_until(lock, end) != std::cv_status::timeout) {
    }
  }
  --waiting_;
}

std::uint64_t DiskHistory::used() const {
  std::uint64_t octets = 0;
  for (const auto& [path, file] : names_) {
    octets += std::max<std::uint64_t>(files_[file].octets.size(), files_[file].reserved);
  }
  return octets;
}

bool DiskHistory::fits(std::uint64_t file, std::uint64_t size) const {
  const auto have = std::max<std::uint64_t>(files_[file].octets.size(), files_[file].reserved);
  return size <= have || used() + (size - have) <= capacity_;
}

class SimulatedFile final : public DiskFile {
 public:
  using Kind = DiskHistory::Kind;
  SimulatedFile(std::shared_ptr<DiskHistory> history, std::uint64_t file)
      : history_(std::move(history)), file_(file) {}

  Result<> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    const std::lock_guard lock(history_->mutex_);
    std::string octets;
    for (const auto piece : pieces) octets += piece;
    if (self().sync_failed) ++history_->forbidden_;
    if (auto error = history_->fault(Kind::write, self().path)) {
      record(offset, octets.substr(0, octets.size() / 2));
      return std::unexpected(*error);
    }
    std::size_t room = octets.size();
    while (room > 0 && !history_->fits(file_, offset + room))
      room = room > sector ? room - sector : 0;
    const bool full = room < octets.size();
    octets.resize(room);
    record(offset, std::move(octets));
    if (full) return fail(std::errc::no_space_on_device, "simulated disk is full");
    return {};
  }

  Result<> sync() override {
    std::unique_lock lock(history_->mutex_);
    if (self().sync_failed) ++history_->forbidden_;
    // What is written while the sync takes its time is not covered by it.
    const auto covered = history_->operations_.size();
    const auto path = self().path;  // others may create files meanwhile
    history_->wait_for_sync(lock, path);
    if (auto error = history_->fault(Kind::sync, self().path)) {
      self().sync_failed = true;
      return std::unexpected(*error);
    }
    history_->operations_.push_back({Kind::sync, file_, covered, {}, {}});
    return {};
  }

  Result<std::string> read(std::uint64_t offset, std::size_t length) const override {
    const std::lock_guard lock(history_->mutex_);
    const auto& unreadable = history_->unreadable_;
    if (!unreadable.empty() && self().path.starts_with(unreadable)) {
      return fail(std::errc::io_error, "simulated read error on " + self().path);
    }
    if (offset >= self().octets.size()) return std::string();
    return self().octets.substr(offset, length);
  }

  Result<std::uint64_t> size() const override {
    const std::lock_guard lock(history_->mutex_);
    return self().octets.size();
  }

  Result<> truncate(std::uint64_t size) override {
    const std::lock_guard lock(history_->mutex_);
    if (self().sync_failed) ++history_->forbidden_;
    if (auto error = history_->fault(Kind::truncate, self().path)) return std::unexpected(*error);
    self().octets.resize(size);
    self().reserved = size;
    history_->operations_.push_back({Kind::truncate, file_, size, {}, {}});
    return {};
  }

  Result<> reserve(std::uint64_t size) override {
    const std::lock_guard lock(history_->mutex_);
    if (!history_->fits(file_, size))
      return fail(std::errc::no_space_on_device, "simulated disk is full");
    self().reserved = std::max(self().reserved, size);
    return {};
  }

 private:
  DiskHistory::File& self() const { return history_->files_[file_]; }
  void record(std::uint64_t offset, std::string octets) {
    put(self().octets, offset, octets);
    history_->operations_.push_back({Kind::write, file_, offset, {}, std::move(octets)});
  }

  std::shared_ptr<DiskHistory> history_;
  std::uint64_t file_;
};

class SimulatedDisk final : public Disk {
 public:
  using Kind = DiskHistory::Kind;
  explicit SimulatedDisk(std::shared_ptr<DiskHistory> history) : history_(std::move(history)) {}
  ~SimulatedDisk() override {
    const std::lock_guard lock(history_->mutex_);
    if (holds_lock_) history_->locked_ = false;
  }

  Result<std::unique_ptr<DiskFile>> create(const std::string& path) override {
    const std::lock_guard lock(history_->mutex_);
    if (auto error = history_->fault(Kind::create, path)) return std::unexpected(*error);
    if (history_->names_.contains(path)) return fail(std::errc::file_exists, path);
    if (!history_->has_directory(directory_of(path))) return missing(path);
    const auto file = history_->files_.size();
    history_->files_.push_back({{}, path});
    history_->names_[path] = file;
    history_->operations_.push_back({Kind::create, file, 0, path, {}});
    return std::make_unique<SimulatedFile>(history_, file);
  }

  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    const std::lock_guard lock(history_->mutex_);
    const auto found = history_->names_.find(path);
    if (found == history_->names_.end()) return missing(path);
    return std::make_unique<SimulatedFile>(history_, found->second);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::lock_guard lock(history_->mutex_);
    if (!history_->has_directory(directory)) return missing(directory);
    const std::size_t skipped = directory == "." ? 0 : directory.size() + 1;
    std::vector<std::string> out;
    for (const auto& [path, file] : history_->names_) {
      if (directory_of(path) == directory) out.push_back(path.substr(skipped));
    }
    for (const auto& path : history_->directories_) {
      if (directory_of(path) == directory) out.push_back(path.substr(skipped));
    }
    return out;
  }

  Result<> make_directory(const std::string& path) override {
    const std::lock_guard lock(history_->mutex_);
    if (!history_->directories_.insert(path).second) return {};
    history_->operations_.push_back({Kind::make_directory, 0, 0, path, {}});
    return {};
  }

  Result<> rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock(history_->mutex_);
    if (auto error = history_->fault(Kind::rename, from)) return std::unexpected(*error);
    const auto found = history_->names_.find(from);
    if (found == history_->names_.end()) return missing(from);
    history_->files_[found->second].path = to;
    history_->names_[to] = found->second;
    history_->names_.erase(from);
    history_->operations_.push_back({Kind::rename, 0, 0, from, to});
    return {};
  }

  Result<> remove(const std::string& path) override {
    const std::lock_guard lock(history_->mutex_);
    if (auto error = history_->fault(Kind::remove, path)) return std::unexpected(*error);
    if (history_->names_.erase(path) == 0) return missing(path);
    history_->operations_.push_back({Kind::remove, 0, 0, path, {}});
    return {};
  }

  Result<> sync_directory(const std::string& directory) override {
    const std::lock_guard lock(history_->mutex_);
    if (auto error = history_->fault(Kind::sync_directory, directory))
      return std::unexpected(*error);
    history_->operations_.push_back({Kind::sync_directory, 0, 0, directory, {}});
    return {};
  }

  Result<std::uint64_t> free_space() override {
    const std::lock_guard lock(history_->mutex_);
    const auto used = history_->used();
    return used < history_->capacity_ ? history_->capacity_ - used : 0;
  }

  Result<> lock(const std::string& path) override {
    const std::lock_guard lock(history_->mutex_);
    if (history_->locked_) return fail(std::errc::device_or_resource_busy, path);
    history_->locked_ = holds_lock_ = true;
    return {};
  }

 private:
  static std::unexpected<Error> missing(const std::string& path) {
    return fail(std::errc::no_such_file_or_directory, path);
  }

  std::shared_ptr<DiskHistory> history_;
  bool holds_lock_ = false;
};

std::unique_ptr<Disk> simulated_disk(std::shared_ptr<DiskHistory> history) {
  return std::make_unique<SimulatedDisk>(std::move(history));
}

}  // namespace postern
