#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/compress/pass.h"

namespace offcut::compress {

/// The sizes of a tensor or of a network.
struct Size {
  double weights = 0;
  double nonzero = 0;
  double macs = 0;
  double dense_bytes = 0;
  double sparse_bytes = 0;
  double codebook_bytes = 0;
  double huffman_bytes = 0;
  double zstd_bytes = 0;

  /// The smallest of them.
  double compact_bytes() const;
};

/// Returns the sizes of one tensor, without work. REQUIRES: it is float32.
Size size_of(const Tensor& values, const Grid* grid = nullptr);

/// Returns those of all parameters; the ones of other types count as they are. The work is that of
/// all layers.
Size size_of(const Network& network);

/// The size of a layer's weights: kernel and bias.
struct LayerSize {
  std::string layer;
  std::string weights;  // The kernel's name.
  Size size;
  int values = 0;  // Distinct values that are not 0; of a kernel with more than 256 it is 0.
};
std::vector<LayerSize> layer_sizes(const Network& network);

}  // namespace offcut::compress
