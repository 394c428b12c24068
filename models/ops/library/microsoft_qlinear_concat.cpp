// com.microsoft QLinearConcat: quantised tensors one after the other along `axis`, each with a
// scale and zero point of its own, as one quantised tensor. Inputs: the scale and zero point of Y,
// and for each part its elements, scale and zero point.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/quantized_map.h"

namespace offcut::ops {
namespace {

constexpr QuantizedOutput kConcatY{0, 1};
constexpr std::size_t kFirstPart = 2;

std::vector<QuantizedInput> qlinear_concat_parts(const Call& call) {
  std::vector<QuantizedInput> parts;
  for (std::size_t i = kFirstPart; i < std::max(call.inputs.size(), kFirstPart + 3); i += 3) {
    parts.push_back({i, i + 1, i + 2});
    require_quantized(call, parts.back());
  }
  return parts;
}

std::size_t qlinear_concat_axis(const Call& call) {
  if (!call.attributes.has("axis")) {
    throw std::invalid_argument("attribute 'axis' is missing");
  }
  return axis_in(call.attributes.integer("axis", 0), call.shape(kFirstPart).size());
}

std::vector<TensorType> infer_microsoft_qlinear_concat(const Call& call) {
  require_inputs(call, 3, call.inputs.size());
  const auto parts = qlinear_concat_parts(call);
  const std::size_t axis = qlinear_concat_axis(call);
  Shape shape = call.shape(kFirstPart);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    Shape part = call.shape(parts[i].elements);
    Shape first = call.shape(kFirstPart);
    const std::int64_t extent = axis < part.size() ? part[axis] : 0;
    first[axis] = extent;
    if (part != first) {
      throw std::invalid_argument(fmt::format("{} and {} differ in more than axis {}",
                                              to_text(call.shape(kFirstPart)), to_text(part),
                                              axis));
    }
    shape[axis] += extent;
    shape = output_type(DataType::uint8, std::move(shape)).shape;
  }
  return {output_type(quantized_output_type(call, parts.front(), kConcatY), std::move(shape))};
}

std::vector<Tensor> forward_microsoft_qlinear_concat(const Call& call,
                                                     std::span<const Tensor> inputs) {
  const TensorType type = infer_microsoft_qlinear_concat(call).front();
  const std::size_t axis = qlinear_concat_axis(call);
  const auto outer = static_cast<std::size_t>(extent_between(type.shape, 0, axis));
  std::vector<std::vector<float>> parts;
  for (const QuantizedInput& part : qlinear_concat_parts(call)) {
    parts.push_back(dequantized(inputs, part));
  }
  std::vector<float> values;
  for (std::size_t o = 0; o < outer; ++o) {
    for (const std::vector<float>& part : parts) {
      const std::size_t block = part.size() / outer;
      const auto from = part.begin() + static_cast<std::ptrdiff_t>(o * block);
      values.insert(values.end(), from, from + static_cast<std::ptrdiff_t>(block));
    }
  }
  return {quantized_tensor(values, type, inputs, kConcatY)};
}

}  // namespace

void register_microsoft_qlinear_concat(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearConcat",
                .doc = "quantised tensors one after the other along an axis, as a quantised one",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_microsoft_qlinear_concat,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_concat});
}

}  // namespace offcut::ops
