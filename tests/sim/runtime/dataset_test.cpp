// Data sets that are packed with zstd, and files that state another size than they have.

#include "sim/runtime/dataset.h"

#include <doctest/doctest.h>
#include <zstd.h>

#include <fstream>

#include "models/base/error.h"
#include "tests/temporary_folder.h"

namespace offcut::runtime::dataset_test {
namespace {

/// Returns an IDX file of one image with so many bytes, all of them 7.
std::string idx_bytes(std::uint32_t size) {
  std::string bytes("\0\0\x08\x02\0\0\0\x01", 8);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes += static_cast<char>((size >> shift) & 0xFFU);
  }
  return bytes + std::string(size, '\7');
}

std::string zstd_packed(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

/// Returns a frame with an empty block that states another size, in 8 bytes (RFC 8878, section
/// 3.1.1).
std::string frame_that_states(std::uint64_t size) {
  std::string frame = "\x28\xB5\x2F\xFD\xE0";
  for (int i = 0; i < 8; ++i, size >>= 8U) {
    frame += static_cast<char>(size & 0xFFU);
  }
  return frame + std::string("\1\0\0", 3);
}

std::string refusal_of(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "images").string();
  std::ofstream(path, std::ios::binary) << bytes;
  try {
    read_dataset(path, "");
  } catch (const InputError& error) {
    return error.diagnostics().front().message;
  }
  return "";
}

}  // namespace

TEST_CASE("data set: a packed file of several pieces") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "images").string();
  std::ofstream(path, std::ios::binary) << zstd_packed(idx_bytes(1'000'000));
  const Dataset data = read_dataset(path, "");
  REQUIRE(data.images.size() == 1);
  CHECK(data.images[0] == std::vector<std::uint8_t>(1'000'000, 7));
}

TEST_CASE("data set: a packed file does not get the memory that it only claims") {
  const std::string start = "cannot be unpacked: ";
  CHECK(frame_that_states(1).size() == 16);
  for (const std::uint64_t size : {std::uint64_t{1} << 32U, std::uint64_t{1} << 26U}) {
    CHECK(refusal_of(frame_that_states(size)).starts_with(start));
  }
  CHECK(refusal_of(frame_that_states((std::uint64_t{1} << 32U) + 1)) ==
        "is not a zstd file with a usable size");
  const std::string packed = zstd_packed(idx_bytes(1'000'000));
  CHECK(refusal_of(packed.substr(0, packed.size() - 1)) == start + "it ends too early");
  CHECK(refusal_of(packed + "more") == start + "it has another size than it states");
}

}  // namespace offcut::runtime::dataset_test
