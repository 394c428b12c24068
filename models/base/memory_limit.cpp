// The limit of the memory for tensors, and the count of their bytes. Sizes come from files, and the
// kernel promises more memory than there is, so that an allocation would succeed and the process be
// killed when it uses the memory. The machine's memory is read from Linux's proc and cgroup files.

#include "models/base/memory_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <limits>

#include "models/base/units.h"

namespace offcut {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::string readable_bytes(std::uint64_t bytes) {
  return to_readable(Bytes(static_cast<double>(bytes)));
}

std::uint64_t sum_or_most(std::uint64_t a, std::uint64_t b) {
  return a > kUnlimited - b ? kUnlimited : a + b;
}

/// Returns MemAvailable of /proc/meminfo, which is in KiB.
std::uint64_t memory_of_machine() {
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name;) {
    if (std::uint64_t kibibytes = 0; name == "MemAvailable:" && file >> kibibytes) {
      return kibibytes * 1024;
    }
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return kUnlimited;
}

/// Returns the number in a file, or no limit if there is none ("max").
std::uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : kUnlimited;
}

/// Returns the least limit of the process's control group and those above it. Their paths are in
/// lines "0::/a/b" (version 2) or "4:memory:/a/b" (version 1) of /proc/self/cgroup; a path may have
/// colons, too.
std::uint64_t memory_of_group() {
  std::uint64_t least = kUnlimited;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const bool second = line.starts_with("0::");
    if (!second && line.find(":memory:") == std::string::npos) {
      continue;
    }
    const std::size_t path = line.find(":/");
    std::string group = path == std::string::npos ? "" : line.substr(path + 1);
    for (; !group.empty(); group.resize(group.rfind('/'))) {
      least = std::min(
          least, second ? number_in("/sys/fs/cgroup" + group + "/memory.max")
                        : number_in("/sys/fs/cgroup/memory" + group + "/memory.limit_in_bytes"));
    }
  }
  return std::min({least, number_in("/sys/fs/cgroup/memory.max"),
                   number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

std::uint64_t memory_of_process() {
  rlimit limit{};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur
                                                                              : kUnlimited;
}

std::atomic<std::uint64_t>& limit_of_tensors() {
  static std::atomic<std::uint64_t> limit = available_memory();
  return limit;
}

std::atomic<std::uint64_t>& bytes_of_tensors() {
  static std::atomic<std::uint64_t> bytes = 0;
  return bytes;
}

}  // namespace

MemoryError::MemoryError(std::string subject, std::uint64_t needed, std::uint64_t limit)
    : InputError({"--max-memory"},
                 fmt::format("{} needs {} of memory, with the tensors that there are; the limit "
                             "is {}",
                             subject, readable_bytes(needed), readable_bytes(limit))),
      subject_(std::move(subject)),
      needed_(needed),
      limit_(limit) {}

MemoryError MemoryError::within(const std::string& subject) const {
  return {fmt::format("{}: {}", subject, subject_), needed_, limit_};
}

std::uint64_t available_memory() {
  return std::min({memory_of_machine(), memory_of_group(), memory_of_process()});
}

std::uint64_t memory_limit() { return limit_of_tensors(); }

void set_memory_limit(std::uint64_t bytes) { limit_of_tensors() = bytes; }

std::uint64_t memory_in_use() { return bytes_of_tensors(); }

void check_memory(std::uint64_t more, const std::string& subject) {
  const std::uint64_t needed = sum_or_most(memory_in_use(), more);
  if (needed > memory_limit()) {
    throw MemoryError(subject, needed, memory_limit());
  }
}

void count_memory(std::uint64_t bytes) { bytes_of_tensors() += bytes; }

void release_memory(std::uint64_t bytes) { bytes_of_tensors() -= bytes; }

}  // namespace offcut
