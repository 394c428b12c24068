// Recognises the operators that are element-wise functions, and computes these functions:
// exactly as the reference operators do, or faster with Eigen's vectorised approximations.

#include "models/exec/activation.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace offcut::exec {
namespace {

constexpr float kLargestFloat = std::numeric_limits<float>::max();
constexpr float kLargestPower = 88;   // The exponential of 88.8 is an infinity.
constexpr int kLimitsAreInputs = 11;  // From this opset on, Clip's limits are inputs.

/// Returns a limit of Clip, or none where a layer computes it.
std::optional<float> limit(const Graph& graph, const Layer& layer, std::size_t input,
                           const char* attribute, float fallback) {
  if (layer.opset < kLimitsAreInputs) {
    return layer.attributes.number(attribute, fallback);
  }
  if (input >= layer.inputs.size() || layer.inputs[input] == kAbsent) {
    return fallback;
  }
  const TensorNode& tensor = graph.tensor(layer.inputs[input]);
  return tensor.is_parameter() ? std::optional(tensor.parameter->value().values<float>().front())
                               : std::nullopt;
}

std::optional<Activation> clip_of(const Graph& graph, const Layer& layer) {
  const auto low = limit(graph, layer, 1, "min", -kLargestFloat);
  const auto high = limit(graph, layer, 2, "max", kLargestFloat);
  if (!low || !high || !(*low <= *high)) {
    return std::nullopt;
  }
  return Activation{.kind = Activation::Kind::clip, .low = *low, .high = *high};
}

template <class F>
void each(std::span<float> values, F f) {
  for (float& value : values) {
    value = f(value);
  }
}

}  // namespace

std::optional<Activation> activation_of(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  if (layer.inputs.empty() || layer.inputs[0] == kAbsent ||
      graph.tensor(layer.inputs[0]).type.type != DataType::float32) {
    return std::nullopt;
  }
  if (layer.op_name == "Relu") {
    return Activation{.kind = Activation::Kind::relu};
  }
  if (layer.op_name == "LeakyRelu") {
    return Activation{.kind = Activation::Kind::leaky_relu,
                      .slope = layer.attributes.number("alpha", 0.01F)};
  }
  if (layer.op_name == "Sigmoid") {
    return Activation{.kind = Activation::Kind::sigmoid};
  }
  if (layer.op_name == "Tanh") {
    return Activation{.kind = Activation::Kind::tanh};
  }
  if (layer.op_name == "HardSigmoid") {
    return Activation{.kind = Activation::Kind::hard_sigmoid,
                      .slope = layer.attributes.number("alpha", 0.2F),
                      .offset = layer.attributes.number("beta", 0.5F)};
  }
  if (layer.op_name == "HardSwish") {
    return Activation{.kind = Activation::Kind::hard_swish};
  }
  if (layer.op_name == "com.microsoft.Gelu") {
    return Activation{.kind = Activation::Kind::gelu};
  }
  if (layer.op_name == "com.microsoft.FastGelu" && layer.inputs.size() == 1) {
    return Activation{.kind = Activation::Kind::gelu_tanh};
  }
  return layer.op_name == "Clip" ? clip_of(graph, layer) : std::nullopt;
}

void activate(const Activation& activation, std::span<float> values) {
  switch (activation.kind) {
    case Activation::Kind::relu:
      return each(values, [](float x) { return x < 0 ? 0 : x; });
    case Activation::Kind::leaky_relu:
      return each(values, [a = activation.slope](float x) { return x < 0 ? a * x : x; });
    case Activation::Kind::clip:
      return each(values, [low = activation.low, high = activation.high](float x) {
        const float raised = x < low ? low : x;
        return raised > high ? high : raised;
      });
    case Activation::Kind::sigmoid:
      return each(values, [](float x) { return 1 / (1 + std::exp(-x)); });
    case Activation::Kind::tanh:
      return each(values, [](float x) { return std::tanh(x); });
    case Activation::Kind::hard_sigmoid:
      return each(values, [a = activation.slope, b = activation.offset](float x) {
        return std::clamp(a * x + b, 0.0F, 1.0F);
      });
    case Activation::Kind::hard_swish:
      return each(values, [](float x) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); });
    case Activation::Kind::silu:
      return each(values, [](float x) { return x / (1 + std::exp(-x)); });
    case Activation::Kind::gelu:
      return each(values, [](float x) {
        return 0.5F * x * (1 + std::erf(x / std::numbers::sqrt2_v<float>));
      });
    case Activation::Kind::gelu_tanh:
      return each(values, [](float x) {
        const float c = std::sqrt(2 / std::numbers::pi_v<float>);
        return 0.5F * x * (1 + std::tanh(c * (x + 0.044715F * x * x * x)));
      });
  }
}

void activate_fast(const Activation& activation, std::span<float> values) {
  Eigen::Map<Eigen::ArrayXf> x(values.data(), static_cast<Eigen::Index>(values.size()));
  switch (activation.kind) {
    case Activation::Kind::sigmoid:
      x = 1 / (1 + (-x).min(kLargestPower).exp());
      break;
    case Activation::Kind::silu:
      x = x / (1 + (-x).min(kLargestPower).exp());
      break;
    case Activation::Kind::tanh:
      x = x.tanh();
      break;
    case Activation::Kind::gelu_tanh: {
      const float c = std::sqrt(2 / std::numbers::pi_v<float>);
      x = 0.5F * x * (1 + (c * (x + 0.044715F * x.cube())).tanh());
      break;
    }
    default:
      activate(activation, values);
  }
}

}  // namespace offcut::exec
