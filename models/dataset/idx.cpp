// The reader of MNIST's file format. The extents in the header are checked against the bytes that
// follow before any memory is taken for them.

#include "models/dataset/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "models/base/error.h"
#include "models/dataset/unpacked_file.h"

namespace offcut::dataset {

Tensor read_idx(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{4} << 30U;  // More than any file has.
  constexpr std::uint8_t kUnsignedBytes = 0x08;
  const std::string bytes = read_unpacked(path);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != kUnsignedBytes ||
      byte(3) == 0) {
    throw InputError({path}, "is not an IDX file of unsigned bytes");
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
  if (bytes.size() < begin || bytes.size() - begin != expected) {
    throw InputError(
        {path}, fmt::format("does not hold the {} bytes that its header states", to_text(shape)));
  }
  Tensor tensor({DataType::uint8, shape});
  std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end(),
                 tensor.values<std::uint8_t>().begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return tensor;
}

void check_labels_fit(const Tensor& labels, std::int64_t count, const std::string& path) {
  if (labels.shape() != Shape{count}) {
    throw InputError({path}, fmt::format("holds {} labels, expected one for each of {} images",
                                         to_text(labels.shape()), count));
  }
}

}  // namespace offcut::dataset
