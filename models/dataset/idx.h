#pragma once

#include <string>

#include "models/graph/tensor.h"

namespace offcut::dataset {

/// Reads an IDX file of unsigned bytes, the format of MNIST: a big-endian header (magic 0x08 and
/// the number of dimensions, then the extents), then the bytes. It may be compressed with zstd or
/// gzip. Returns a uint8 tensor of at least one axis. Throws InputError with the path.
Tensor read_idx(const std::string& path);

/// Throws InputError, about `labels`, unless they are one byte for each of `count` images.
void check_labels_fit(const Tensor& labels, std::int64_t count, const std::string& path);

}  // namespace offcut::dataset
