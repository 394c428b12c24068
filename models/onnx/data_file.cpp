// Files that are read in parts, with POSIX calls: pread() lets several threads share a descriptor,
// and mmap() reads only the pages that are used.
#include "models/onnx/data_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "models/base/error.h"

namespace offcut::onnx {
namespace {

[[noreturn]] void refuse_data_file(const std::string& file, std::string why) {
  throw InputError(Place{file}, std::move(why));
}

std::string reason(int error) {
  return error == ENOENT || error == ENOTDIR ? "no such file" : std::strerror(error);
}

}  // namespace

DataFile::DataFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) {
    refuse_data_file(path_, reason(errno));
  }
  // These checks come before the file is opened, because opening a pipe would block.
  if (S_ISDIR(status.st_mode)) {
    refuse_data_file(path_, "is a directory");
  }
  if (!S_ISREG(status.st_mode)) {
    refuse_data_file(path_, "is not a regular file");
  }
  descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    refuse_data_file(path_, "cannot be read");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

DataFile::~DataFile() { close(descriptor_); }

void DataFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got = pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      refuse_data_file(path_,
                       got == 0 ? "has become shorter since it was opened" : std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

Mapping::Mapping(const DataFile& file)
    : start_(mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor_, 0)),
      size_(file.size()) {
  if (start_ == MAP_FAILED) {
    refuse_data_file(file.path(), std::strerror(errno));
  }
  madvise(start_, size_, MADV_RANDOM);  // Most pages are never used.
}

Mapping::~Mapping() { munmap(start_, size_); }

}  // namespace offcut::onnx
