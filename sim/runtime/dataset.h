#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::runtime {

/// Inputs of a network with their labels: images, or the bytes of input tensors.
struct Dataset {
  Shape item;  // The shape of one image; empty for tensors.
  /// If set, an "image" holds the bytes of all input tensors of the network, one after the other.
  bool tensors = false;
  std::vector<std::vector<std::uint8_t>> images;
  std::vector<std::int64_t> labels;  // One for each image, or none.
};

/// Reads IDX files of images and labels; see dataset::read_idx(). `labels` may be empty. Throws
/// InputError with the file's name.
Dataset read_dataset(const std::string& images, const std::string& labels);

/// Draws `count` random inputs for a network without a data set: images of uniform random bytes if
/// it reads one image, otherwise tensors (see random_input). Throws std::invalid_argument if the
/// type of an input cannot be drawn.
Dataset random_dataset(const Graph& graph, std::int64_t count, std::uint64_t seed);

/// Returns whether the network has one input, of float32 or uint8.
bool reads_one_image(const Graph& graph);

}  // namespace offcut::runtime
