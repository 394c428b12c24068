// com.microsoft QLinearAveragePool: AveragePool of a quantised X as a quantised Y. With
// `channels_last`, the channels are on the last axis. Inputs: X, its scale and zero point, and
// those of Y.

#include "models/ops/arguments.h"
#include "models/ops/pooling.h"
#include "models/ops/quantized_pooling.h"

namespace offcut::ops {
namespace {

struct QlinearAveragePoolMean {
  using Element = float;
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value a, Value b) { return a + b; }
  static float finish(Value sum, double count) { return static_cast<float>(sum / count); }
};

/// Calls f with the call of an AveragePool of the real values.
template <class F>
auto with_real_call(const Call& call, F f) {
  const TensorType x{DataType::float32, with_channels_on_axis_1(call, call.shape(0))};
  const Parameter* const unknown = nullptr;
  return f(Call{call.attributes, call.opset, {&x, 1}, {&unknown, 1}});
}

std::vector<TensorType> infer_microsoft_qlinear_average_pool(const Call& call) {
  require_inputs(call, 2, 5);
  call.attributes.integer("count_include_pad", 0);
  return with_real_call(call, [&](const Call& real) {
    return infer_quantized_pooling(call, pooled_type(real).shape);
  });
}

std::vector<Tensor> forward_microsoft_qlinear_average_pool(const Call& call,
                                                           std::span<const Tensor> inputs) {
  const TensorType type = infer_microsoft_qlinear_average_pool(call).front();
  return with_real_call(call, [&](const Call& real) {
    return forward_quantized_pooling(call, inputs, type, [&](const Tensor& x) {
      return pool<QlinearAveragePoolMean>(real, x,
                                          call.attributes.integer("count_include_pad", 0) != 0);
    });
  });
}

}  // namespace

void register_microsoft_qlinear_average_pool(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearAveragePool",
                .doc = "the mean of each window of a quantised tensor as a quantised one",
                .kind = always<LayerKind::pooling>,
                .infer = infer_microsoft_qlinear_average_pool,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_average_pool});
}

}  // namespace offcut::ops
