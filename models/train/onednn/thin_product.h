#pragma once

#include <vector>

#include "models/ops/convolution.h"

namespace offcut::train {

/// The gradients of weights and bias of a convolution that reads few channels, such as an image's.
/// oneDNN fills the channels up to a block of eight, and multiplies zeros for those that lack.
class ThinProduct {
 public:
  /// Returns whether the channels are few, in one group, and those that come out fill blocks.
  static bool suits(const ops::Convolution& g);

  explicit ThinProduct(const ops::Convolution& g);

  /// Computes dw (row-major) and db, unless that is null, from x (row-major) and dy = dL/dy, which
  /// has its channels in blocks of eight.
  void gradients(const float* x, const float* dy, float* dw, float* db);

 private:
  void pad(const float* x);
  void add_bias(std::int64_t block, const float* dy);
  void add_image(std::int64_t block, std::int64_t blocks, const float* dy);

  ops::Convolution g_;
  std::int64_t rows_, columns_;  // Of the padded planes.
  std::vector<float> padded_;    // An image's channels with their padding.
  std::vector<float> sums_;      // Block of output channels, input channel, tap, lane.
  std::vector<double> bias_;
};

}  // namespace offcut::train
