#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut {

/// Images with labels, as bytes.
struct Dataset {
  Shape item;  // of one image
  std::vector<std::vector<std::uint8_t>> images;
  std::vector<std::int64_t> labels;  // empty, or one per image
};

/// Reads IDX files of unsigned bytes, the format of MNIST: a big-endian header (magic 0x08 and the
/// number of dimensions, then the extents), then the bytes. Files that are compressed with zstd are
/// read as they are. `labels` may be empty. Throws InputError naming the file.
Dataset read_dataset(const std::string& images, const std::string& labels);

/// `count` images of uniform random bytes, for networks without a data set.
Dataset random_dataset(const Shape& item, std::int64_t count, std::uint64_t seed);

}  // namespace offcut
