#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::runtime {

/// Images with labels, as bytes, or what else networks read.
struct Dataset {
  Shape item;  // of one image; empty where they are tensors
  /// Whether an "image" is the bytes of the network's input tensors, one after the other.
  bool tensors = false;
  std::vector<std::vector<std::uint8_t>> images;
  std::vector<std::int64_t> labels;  // empty, or one per image
};

/// Reads IDX files of unsigned bytes, the format of MNIST: a big-endian header (magic 0x08 and the
/// number of dimensions, then the extents), then the bytes. Files that are compressed with zstd are
/// read as they are. `labels` may be empty. Throws InputError naming the file.
Dataset read_dataset(const std::string& images, const std::string& labels);

/// `count` random inputs for a network without a data set: images of uniform random bytes where it
/// reads one image, else tensors (see random_input). Throws std::invalid_argument where an input is
/// of a type that cannot be drawn.
Dataset random_dataset(const Graph& graph, std::int64_t count, std::uint64_t seed);

/// Whether the network has one input, of float32 or uint8.
bool reads_one_image(const Graph& graph);

}  // namespace offcut::runtime
