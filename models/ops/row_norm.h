#pragma once

#include <optional>
#include <span>

#include "models/ops/operator.h"

namespace offcut::ops {

// Normalisation of the rows of a tensor, as the operators of ONNX Runtime's domain do it: over the
// last axis.

/// The part of a normalisation that is the same for all rows.
struct RowNorm {
  std::span<const float> scale;
  std::span<const float> shift;  // Empty if there is none.
  double epsilon = 0;
  bool centred = true;  // Subtract the mean; without, the variance is the mean square.
};

struct RowMoments {
  float mean = 0;  // 0 if the rows are not centred.
  float inverse_deviation = 0;
};

/// Computes y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with moments in double.
/// REQUIRES: all spans have the length of x.
RowMoments normalize_row(std::span<const float> x, const RowNorm& norm, std::span<float> y);

/// REQUIRES: the inputs from `first` to before `last` that are given are float32 vectors of the
/// length of the last axis of `shape`.
void require_rows(const Call& call, const Shape& shape, std::size_t first, std::size_t last);

/// The family of SkipLayerNormalization: normalises input + skip + bias. Outputs: the result, the
/// mean and the inverse deviation of each row, and the sums.
struct SkipNormInputs {
  std::size_t scale = 2;
  std::optional<std::size_t> shift;
  std::size_t bias = 3;
};
std::vector<TensorType> infer_skip_norm(const Call& call, const SkipNormInputs& at);
std::vector<Tensor> forward_skip_norm(const Call& call, std::span<const Tensor> inputs,
                                      const SkipNormInputs& at);

}  // namespace offcut::ops
