#pragma once

#include "models/ops/quantized_map.h"

namespace offcut::ops {

/// Returns the shape with the channels on axis 1, if attribute `channels_last` says that they are
/// last.
Shape with_channels_on_axis_1(const Call& call, const Shape& shape);

/// The output type of a pooling of quantised X that makes `pooled`, of with_channels_on_axis_1()
/// shapes.
std::vector<TensorType> infer_quantized_pooling(const Call& call, const Shape& pooled);

/// Moves the channels from the last axis to axis 1, or back, where the attribute says so.
Tensor with_channels_first(const Call& call, const Tensor& x);
Tensor with_channels_back(const Call& call, const Tensor& y);

/// Computes a pooling of the dequantised values with `pool`, which gets and returns float32 tensors
/// of with_channels_on_axis_1() shapes.
template <class Pool>
std::vector<Tensor> forward_quantized_pooling(const Call& call, std::span<const Tensor> inputs,
                                              const TensorType& type, Pool pool) {
  const std::vector<float> values = dequantized(inputs, kOneX);
  const Tensor x(call.shape(0), std::span<const float>(values));
  const Tensor y = with_channels_back(call, pool(with_channels_first(call, x)));
  return {quantized_tensor(y.values<float>(), type, inputs, kOneY)};
}

}  // namespace offcut::ops
