#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace offcut::onnx {

/// A regular file, open for reading as long as this lives. Several threads may read at once.
class DataFile {
 public:
  /// Throws InputError where there is no such file, or where it can't be read.
  explicit DataFile(std::string path);
  ~DataFile();
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }  // when it was opened

  /// Reads the bytes from `offset` on. Throws InputError where the file ends before.
  void read(std::uint64_t offset, std::span<std::byte> to) const;

 private:
  friend class Mapping;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The file's bytes in memory, each page when it is first touched: for files of which little is
/// looked at.
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
