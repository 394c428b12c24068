#pragma once

#include <cstdint>
#include <span>

#include "models/ops/window.h"

namespace offcut::train {

/// Maximum pooling over windows that tile a plane, with channels in blocks of eight. oneDNN's
/// kernel for AVX2 stores the places of maxima one by one, which takes five times as long.
class BlockMaximum {
 public:
  /// Returns whether the windows over the spatial axes touch and neither overlap nor are padded.
  static bool suits(std::span<const ops::WindowAxis> axes);

  /// `blocks` counts those of all images. REQUIRES: suits(axes).
  BlockMaximum(std::span<const ops::WindowAxis> axes, std::int64_t blocks);

  /// Computes the maxima and their places in the windows, of equal elements that of the first.
  void forward(const float* x, float* y, std::uint8_t* places) const;

  /// Computes dx from dy and the places.
  void backward(const float* dy, const std::uint8_t* places, float* dx) const;

 private:
  ops::WindowAxis rows_, columns_;
  std::int64_t blocks_;
};

}  // namespace offcut::train
