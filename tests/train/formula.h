#pragma once

#include <cstdint>
#include <string>

#include "models/graph/tensor.h"

namespace offcut::train {

/// Number i of the sequence of a name, from 0 to 1: a hash, so that another program can draw the
/// same numbers (tests/train/pytorch/losses.py).
double drawn_number(const std::string& name, std::uint32_t i);

/// The initial value of a weight in the comparison with PyTorch: uniform with variance 2 / fan-in
/// for matrices, near 1 for the scales of normalisations, near 0 for biases.
Tensor drawn_weight(const std::string& name, const Shape& shape);

/// Batch number `step` of classes: each class has a pattern, to which noise is added.
Tensor drawn_labels(std::uint64_t step, std::int64_t count, std::int64_t classes);
Tensor drawn_images(std::uint64_t step, const Shape& shape, const Tensor& labels);

/// Batch number `step` of sequences of tokens, whose most frequent one says the class.
Tensor drawn_tokens(std::uint64_t step, const Shape& shape, const Tensor& labels,
                    std::int64_t tokens);

}  // namespace offcut::train
