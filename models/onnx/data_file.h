#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace offcut::onnx {

/// A regular file, open for reading during the object's lifetime. Several threads may read at once.
class DataFile {
 public:
  /// Throws InputError if there is no such file or it can't be read.
  explicit DataFile(std::string path);
  ~DataFile();
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }  // The size when it was opened.

  /// Fills `bytes` from `offset` on. Throws InputError if the file ends before.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  friend class Mapping;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Maps a file's bytes into memory. Each page is read when it is first used, which suits files of
/// which little is used.
class Mapping {
 public:
  /// Throws InputError. REQUIRES: the file is not empty.
  explicit Mapping(const DataFile& file);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(start_), size_}; }

 private:
  void* start_;
  std::size_t size_;
};

}  // namespace offcut::onnx
