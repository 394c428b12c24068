// The reader of MNIST's file format. The extents in the header are checked against the bytes that
// follow before any memory is taken for them.

#include "models/dataset/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "models/base/error.h"
#include "models/base/readable.h"
#include "models/dataset/unpacked_file.h"

namespace offcut::dataset {
namespace {

/// Returns the bytes of a text as in "00 00 08 03".
std::string hexadecimal(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    digits += fmt::format("{}{:02X}", digits.empty() ? "" : " ", static_cast<std::uint8_t>(c));
  }
  return digits;
}

}  // namespace

Tensor read_idx(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{4} << 30U;  // More than any file has.
  constexpr std::uint8_t kUnsignedBytes = 0x08;
  const std::string bytes = read_unpacked(path);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != kUnsignedBytes ||
      byte(3) == 0) {
    throw InputError(
        {path}, fmt::format("is no IDX file of unsigned bytes: expected the bytes 00 00 08 and the "
                            "number of dimensions at offset 0, got {}",
                            bytes.empty() ? "nothing" : hexadecimal(bytes.substr(0, 4))));
  }
  const std::size_t begin = 4 + 4 * std::size_t{byte(3)};
  Shape shape;
  std::size_t expected = 1;
  for (std::size_t i = 4; i < begin && i + 3 < bytes.size(); i += 4) {
    const std::size_t extent = (std::size_t{byte(i)} << 24U) | (std::size_t{byte(i + 1)} << 16U) |
                               (std::size_t{byte(i + 2)} << 8U) | byte(i + 3);
    shape.push_back(static_cast<std::int64_t>(extent));
    expected = extent > kMost / std::max<std::size_t>(1, expected) ? kMost + 1 : expected * extent;
  }
  if (bytes.size() < begin) {
    throw InputError({path}, fmt::format("ends within its header, at offset {}; expected {} bytes: "
                                         "4, and 4 for each of {} dimensions",
                                         bytes.size(), begin, byte(3)));
  }
  if (bytes.size() - begin != expected) {
    throw InputError({path},
                     fmt::format("has {} from offset {} on; its header states {}, {} bytes",
                                 counted(bytes.size() - begin, "byte"), begin, to_text(shape),
                                 expected > kMost ? "more than 4 Gi" : std::to_string(expected)));
  }
  Tensor tensor({DataType::uint8, shape});
  std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end(),
                 tensor.values<std::uint8_t>().begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return tensor;
}

void check_labels_fit(const Tensor& labels, std::int64_t count, const std::string& path) {
  if (labels.shape() != Shape{count}) {
    throw InputError(
        {path}, fmt::format("holds {}, expected one for each of {}",
                            labels.shape().size() == 1
                                ? counted(labels.size(), "label")
                                : fmt::format("bytes of the shape {}", to_text(labels.shape())),
                            counted(count, "image")));
  }
}

}  // namespace offcut::dataset
