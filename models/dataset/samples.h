#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::dataset {

/// Samples of a supervised task, in memory. Bytes of images are divided by 255.
struct Samples {
  Tensor inputs;   // float32 [count, the shape of one input].
  Tensor labels;   // The class of each sample, int64 [count]; absent for a regression.
  Tensor targets;  // float32 [count, outputs] of a regression; absent for classes.

  // For messages.
  std::string source = {};            // The file of the inputs, or the data set.
  std::string source_of_labels = {};  // The file of labels or targets; empty: that of the inputs.

  const std::string& labels_from() const {
    return source_of_labels.empty() ? source : source_of_labels;
  }

  std::int64_t count() const { return inputs.absent() ? 0 : inputs.shape()[0]; }
  Shape item() const;            // The shape of one input.
  std::int64_t classes() const;  // The largest label and one; 0 of a regression.

  /// Returns the samples of these numbers, in this order: a batch. REQUIRES: each is from 0 to
  /// count() - 1.
  Samples chosen(std::span<const std::int64_t> numbers) const;

  /// Returns the samples `first` to `first + count - 1`.
  Samples part(std::int64_t first, std::int64_t count) const;
};

/// A data set: what a network is trained on, and what it is judged by.
struct Dataset {
  Samples training;
  Samples test;  // Without samples if the data set has none for tests.
};

/// Returns the numbers 0 to count - 1 in an order that depends on the seed and `round` alone.
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t round);

/// Sets a share of the samples aside, of each class alike. Both parts are in a random order that
/// depends on the seed alone. Returns those that stay, and those set aside.
std::pair<Samples, Samples> set_aside(const Samples& samples, double share, std::uint64_t seed);

}  // namespace offcut::dataset
