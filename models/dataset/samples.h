#pragma once

#include <cstdint>
#include <span>

#include "models/graph/tensor.h"

namespace offcut::dataset {

/// Samples of a supervised task, in memory. Bytes of images are divided by 255.
struct Samples {
  Tensor inputs;   // float32 [count, the shape of one input].
  Tensor labels;   // The class of each sample, int64 [count]; absent for a regression.
  Tensor targets;  // float32 [count, outputs] of a regression; absent for classes.

  std::int64_t count() const { return inputs.absent() ? 0 : inputs.shape()[0]; }
  Shape item() const;            // The shape of one input.
  std::int64_t classes() const;  // The largest label and one; 0 of a regression.

  /// Returns the samples of these numbers, in this order: a batch.
  Samples chosen(std::span<const std::int64_t> numbers) const;
};

/// A data set: what a network is trained on, and what it is judged by.
struct Dataset {
  Samples training;
  Samples test;
};

}  // namespace offcut::dataset
