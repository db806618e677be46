#include "gateway/queue/set_aside.h"

#include <algorithm>

#include <fmt/format.h>

namespace postern {

namespace {

constexpr std::uint64_t piece_size = 1U << 20;

template <class Use>
Result<> for_each_piece(const DiskFile& file, std::uint64_t offset, std::uint64_t size, Use use) {
  for (std::uint64_t done = 0; done < size;) {
    const auto length = std::min(piece_size, size - done);
    TRY(const auto octets, file.read(offset + done, length));
    if (octets.size() != length)
      return fail(std::errc::io_error, "the segment is shorter than it was");
    TRY(use(done, octets));
    done += length;
  }
  return {};
}

Result<> copy(Disk& disk, const DiskFile& from, DiskFile& to, std::uint64_t offset,
              std::uint64_t size) {
  TRY(for_each_piece(from, offset, size, [&to](std::uint64_t done, std::string_view octets) {
    const std::string_view pieces[] = {octets};
    return to.write(done, pieces);
  }));
  TRY(to.sync());
  return disk.sync_directory("corrupt");
}

}  // namespace

std::string corrupt_path(std::uint32_t segment, std::uint64_t offset) {
  return fmt::format("corrupt/{:016x}-{:08x}", segment, offset);
}

std::string corrupt_segment_path(std::uint32_t segment) {
  return fmt::format("corrupt/{:016x}.seg", segment);
}

SetAside set_aside(Disk& disk, const DiskFile& file, std::uint32_t segment, std::uint64_t offset,
                   std::uint64_t size) {
  bool empty = true;
  const auto looked =
      for_each_piece(file, offset, size, [&empty](std::uint64_t, std::string_view octets) {
        empty = empty && octets.find_first_not_of('\0') == std::string_view::npos;
        return Result<>();
      });
  if (!looked) return SetAside::failed;
  if (empty) return SetAside::empty;

  const auto path = corrupt_path(segment, offset);
  const auto created = disk.create(path);
  if (!created && created.error().code == std::errc::file_exists) return SetAside::known;
  if (!created) return SetAside::failed;
  if (copy(disk, file, **created, offset, size)) return SetAside::saved;
  static_cast<void>(disk.remove(path));
  return SetAside::failed;
}

}  // namespace postern
