// Draws fresh weights by the operators that read them. Each parameter has a random stream of its
// own, named after it, so that another layer's weights change none of it.

#include "models/train/initial_weights.h"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include "models/train/weights.h"

namespace offcut::train {
namespace {

Tensor constant_of(const TensorType& type, float value) {
  Tensor tensor(type);
  for (float& x : tensor.values<float>()) {
    x = value;
  }
  return tensor;
}

Tensor uniform_of(const TensorType& type, double bound, RandomStream stream) {
  Tensor tensor(type);
  boost::random::uniform_real_distribution<double> uniform(-bound, bound);
  for (float& x : tensor.values<float>()) {
    x = bound > 0 ? static_cast<float>(uniform(stream)) : 0;
  }
  return tensor;
}

Tensor normal_of(const TensorType& type, RandomStream stream) {
  Tensor tensor(type);
  boost::random::normal_distribution<double> normal(0, 1);
  for (float& x : tensor.values<float>()) {
    x = static_cast<float>(normal(stream));
  }
  return tensor;
}

std::int64_t product_from(const Shape& shape, std::size_t first) {
  return elements(Shape(shape.begin() + static_cast<std::ptrdiff_t>(first), shape.end()));
}

bool is_parameter(const Graph& graph, const Layer& layer, std::size_t input) {
  return input < layer.inputs.size() && layer.inputs[input] != kAbsent &&
         graph.tensor(layer.inputs[input]).is_parameter();
}

/// Returns the number of inputs that an output of the layer is a weighted sum of; none if the layer
/// has no matrix of parameters.
std::optional<std::int64_t> fan_in(const Graph& graph, const Layer& layer) {
  const std::size_t matrix = layer.op_name == "MatMul" && !is_parameter(graph, layer, 1) ? 0 : 1;
  if (!is_parameter(graph, layer, matrix)) {
    return std::nullopt;
  }
  const Shape& shape = graph.tensor(layer.inputs[matrix]).type.shape;
  if (layer.op_name == "Conv" || layer.op_name == "ConvTranspose") {
    return product_from(shape, 1);
  }
  if (layer.op_name == "Gemm") {
    return shape[layer.attributes.integer("transB", 0) != 0 ? 1 : 0];
  }
  if (layer.op_name == "MatMul" && shape.size() >= 2) {
    return shape[shape.size() - (matrix == 0 ? 1 : 2)];
  }
  return std::nullopt;
}

double bound_of(std::int64_t inputs) {
  return 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, inputs)));
}

/// Returns the bound of a bias that an Add adds to a product; none of another addend.
std::optional<double> addend_bound(const Graph& graph, const Layer& add) {
  for (const TensorId input : add.inputs) {
    if (const auto producer = graph.tensor(input).producer; producer) {
      const Layer& before = graph.layer(*producer);
      if (const auto inputs = before.op_name == "MatMul" ? fan_in(graph, before) : std::nullopt) {
        return bound_of(*inputs);
      }
    }
  }
  return std::nullopt;
}

/// Returns the fresh value of a layer's input; none if it stays as it is.
std::optional<Tensor> initial_value(const Graph& graph, const Layer& layer, std::size_t input,
                                    RandomStream stream) {
  const TensorType& type = graph.tensor(layer.inputs[input]).type;
  const std::string& op = layer.op_name;
  if (op.ends_with("Normalization")) {
    const bool is_one = input == 1 || (op == "BatchNormalization" && input == 4);
    return constant_of(type, is_one ? 1 : 0);
  }
  if (op == "LSTM" || op == "GRU") {
    return uniform_of(type, bound_of(layer.attributes.integer("hidden_size", 1)), stream);
  }
  if (op == "Gather") {
    return normal_of(type, stream);
  }
  if (op == "PRelu") {
    constexpr float kSlope = 0.25;
    return constant_of(type, kSlope);
  }
  if (const auto inputs = fan_in(graph, layer)) {
    return uniform_of(type, bound_of(*inputs), stream);
  }
  if (const auto bound = op == "Add" ? addend_bound(graph, layer) : std::nullopt) {
    return uniform_of(type, *bound, stream);
  }
  return std::nullopt;
}

}  // namespace

Graph with_initial_weights(const Graph& network, const Registry<Gradient>& gradients,
                           std::uint64_t seed) {
  Weights weights(network, gradients);
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    const Layer& layer = network.layer(id);
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (!is_parameter(network, layer, i)) {
        continue;
      }
      const std::string& name = network.tensor(layer.inputs[i]).name;
      const bool is_statistic = layer.op_name == "BatchNormalization" && i > 2;
      if (!weights.find(name) && !is_statistic) {
        continue;
      }
      if (auto value = initial_value(network, layer, i, random_stream(seed, "initial/" + name))) {
        weights.set(name, std::move(*value));
      }
    }
  }
  return weights.applied_to(network);
}

}  // namespace offcut::train
