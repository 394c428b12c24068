#pragma once

#include <vector>

#include "models/ops/convolution.h"

namespace offcut::train {

/// The gradients of a convolution's weights and bias as one product over all windows of a batch.
/// oneDNN multiplies image by image, which takes several times as long where an image has few
/// windows.
class WindowProduct {
 public:
  /// Returns whether there are so few windows in an image, and one group.
  static bool suits(const ops::Convolution& g);

  explicit WindowProduct(const ops::Convolution& g);

  /// Computes dw from x and dy = dL/dy. All three are row-major.
  void weights(const float* x, const float* dy, float* dw);

  /// Computes the gradient of the bias from the dy of the last call of weights().
  void bias(float* db) const;

 private:
  /// An element of a window that is no padding.
  struct Element {
    std::int64_t tap, out, in;
  };

  void gather(const float* x, std::int64_t first, std::int64_t count);

  ops::Convolution g_;
  std::int64_t windows_;
  std::vector<Element> elements_;
  std::vector<float> slopes_;   // Output channel, image, place.
  std::vector<float> columns_;  // Channel, tap, image, place; of some channels at a time.
};

}  // namespace offcut::train
