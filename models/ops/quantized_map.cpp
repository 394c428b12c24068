// Functions of quantised tensors through their real values. ONNX Runtime computes the same with
// other roundings in float32, so an element may differ by one step.

#include "models/ops/quantized_map.h"

#include <fmt/format.h>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"

namespace offcut::ops {

void require_quantized(const Call& call, const QuantizedInput& input) {
  require_bytes(call, input.elements);
  require_one_scale(call, input.scale);
  require_zero_points(call, input.zero, input.elements, {});
}

DataType quantized_output_type(const Call& call, const QuantizedInput& x,
                               const QuantizedOutput& output) {
  require_one_scale(call, output.scale);
  if (!call.has(output.zero)) {
    return call.inputs[x.elements].type;
  }
  require_bytes(call, output.zero);
  require_zero_points(call, output.zero, output.zero, {});
  return call.inputs[output.zero].type;
}

namespace {

const Tensor* zero_tensor(std::span<const Tensor> inputs, std::size_t zero) {
  return zero < inputs.size() && !inputs[zero].absent() ? &inputs[zero] : nullptr;
}

}  // namespace

std::vector<float> dequantized(std::span<const Tensor> inputs, const QuantizedInput& input) {
  const Tensor& x = inputs[input.elements];
  const Tensor* const zero_point = zero_tensor(inputs, input.zero);
  const float scale = inputs[input.scale].values<float>().front();
  std::vector<float> values;
  with_quantized_type(x.type().type, [&](auto type) {
    using Q = decltype(type);
    const int zero = zero_point == nullptr ? 0 : zero_point->values<Q>().front();
    for (const Q element : x.values<Q>()) {
      values.push_back(static_cast<float>(element - zero) * scale);
    }
  });
  return values;
}

Tensor quantized_tensor(std::span<const float> values, const TensorType& type,
                        std::span<const Tensor> inputs, const QuantizedOutput& output) {
  Tensor y(type);
  const Tensor* const zero_point = zero_tensor(inputs, output.zero);
  const float scale = inputs[output.scale].values<float>().front();
  with_quantized_type(type.type, [&](auto kind) {
    using Q = decltype(kind);
    const Q zero = zero_point == nullptr ? Q{0} : zero_point->values<Q>().front();
    const auto to = y.values<Q>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = quantized<Q>(values[i] / scale, zero);
    }
  });
  return y;
}

std::vector<TensorType> infer_quantized_unary(const Call& call) {
  require_inputs(call, 2, 5);
  require_quantized(call, kOneX);
  return {output_type(quantized_output_type(call, kOneX, kOneY), call.shape(0))};
}

std::vector<TensorType> infer_quantized_binary(const Call& call) {
  require_inputs(call, 2, 8);
  require_quantized(call, kTwoA);
  require_quantized(call, kTwoB);
  const Broadcast pairs(call.shape(kTwoA.elements), call.shape(kTwoB.elements));
  return {output_type(quantized_output_type(call, kTwoA, kTwoC), pairs.shape())};
}

std::vector<Tensor> forward_quantized_binary(const Call& call, std::span<const Tensor> inputs,
                                             float (*f)(float a, float b)) {
  const TensorType type = infer_quantized_binary(call).front();
  const std::vector<float> a = dequantized(inputs, kTwoA);
  const std::vector<float> b = dequantized(inputs, kTwoB);
  const Broadcast pairs(call.shape(kTwoA.elements), call.shape(kTwoB.elements));
  std::vector<float> values(static_cast<std::size_t>(elements(type.shape)));
  pairs.for_each_run(
      [&](std::int64_t a_start, std::int64_t b_start, std::int64_t start, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) {
          values[static_cast<std::size_t>(start + i)] =
              f(a[static_cast<std::size_t>(a_start + i * pairs.a_step())],
                b[static_cast<std::size_t>(b_start + i * pairs.b_step())]);
        }
      });
  return {quantized_tensor(values, type, inputs, kTwoC)};
}

}  // namespace offcut::ops
