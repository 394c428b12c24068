// The activation functions of recurrent layers and their parameters, which ONNX spreads over three
// attributes.

#include "models/ops/gate_function.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace offcut::ops {
namespace {

struct Known {
  std::string_view name;
  float (*f)(float x, float alpha, float beta);
  bool has_alpha, has_beta;
  float alpha, beta;
};

float softplus_gate(float x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

float hard_sigmoid(float x, float alpha, float beta) {
  const float y = alpha * x + beta;
  return y < 0 ? 0 : y > 1 ? 1 : y;
}

constexpr std::array<Known, 11> kFunctions = {{
    {"Sigmoid", [](float x, float, float) { return 1 / (1 + std::exp(-x)); }},
    {"Tanh", [](float x, float, float) { return std::tanh(x); }},
    {"Relu", [](float x, float, float) { return x < 0 ? 0 : x; }},
    {"Affine", [](float x, float a, float b) { return a * x + b; }, true, true, 1, 0},
    {"LeakyRelu", [](float x, float a, float) { return x < 0 ? a * x : x; }, true, false, 0.01F},
    {"ThresholdedRelu", [](float x, float a, float) { return x < a ? 0 : x; }, true, false, 1},
    {"ScaledTanh", [](float x, float a, float b) { return a * std::tanh(b * x); }, true, true, 1,
     1},
    {"HardSigmoid", hard_sigmoid, true, true, 0.2F, 0.5F},
    {"Elu", [](float x, float a, float) { return x < 0 ? a * std::expm1(x) : x; }, true, false, 1},
    {"Softsign", [](float x, float, float) { return x / (1 + std::abs(x)); }},
    {"Softplus", [](float x, float, float) { return softplus_gate(x); }},
}};

const Known& known(std::string_view name) {
  for (const Known& function : kFunctions) {
    if (function.name == name) {
      return function;
    }
  }
  throw std::invalid_argument(fmt::format("activation '{}' is not supported", name));
}

/// Hands out a list's entries in order, then defaults.
class Parameters {
 public:
  explicit Parameters(std::vector<float> given) : given_(std::move(given)) {}
  float next(bool needed, float fallback) {
    return needed && used_ < given_.size() ? given_[used_++] : fallback;
  }

 private:
  std::vector<float> given_;
  std::size_t used_ = 0;
};

}  // namespace

std::vector<GateFunction> gate_functions(const Call& call, const std::vector<std::string>& fallback,
                                         std::size_t directions) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < directions; ++i) {
    names.insert(names.end(), fallback.begin(), fallback.end());
  }
  const std::size_t count = names.size();
  names = call.attributes.texts("activations", std::move(names));
  if (names.size() != count) {
    throw std::invalid_argument(
        fmt::format("{} activations are given, expected {}", names.size(), count));
  }
  Parameters alpha(call.attributes.numbers("activation_alpha", {}));
  Parameters beta(call.attributes.numbers("activation_beta", {}));
  const float clip = call.attributes.number("clip", std::numeric_limits<float>::infinity());
  if (!(clip > 0)) {
    throw std::invalid_argument(fmt::format("attribute 'clip' is {}, expected more than 0", clip));
  }
  std::vector<GateFunction> functions;
  for (const std::string& name : names) {
    const Known& function = known(name);
    functions.push_back({function.f, alpha.next(function.has_alpha, function.alpha),
                         beta.next(function.has_beta, function.beta), clip});
  }
  return functions;
}

}  // namespace offcut::ops
