#pragma once

#include "models/zoo/blocks/transformer.h"
#include "tests/models/exec/compare.h"
#include "tests/models/zoo/built.h"

namespace offcut::exec {

/// A graph that is built layer by layer, for tests of its preparation.
struct Net {
  zoo::Zoo zoo;
  Graph graph{"test"};
  zoo::NetworkBuilder build{graph, zoo.operators, 1};

  TensorId layer(const std::string& op, const std::string& name, std::vector<TensorId> inputs,
                 Attributes attributes = {}, int opset = 14) {
    const LayerId id = ops::apply(graph, zoo.operators,
                                  {.name = name,
                                   .op_name = op,
                                   .opset = opset,
                                   .attributes = std::move(attributes),
                                   .inputs = std::move(inputs)},
                                  {name});
    return graph.layer(id).outputs.front();
  }

  /// Adds a constant with numbers between `from` and `to`.
  TensorId parameter(const std::string& name, const Shape& shape, float from, float to) {
    const auto make = [name, shape, from, to] {
      Tensor tensor(TensorType{DataType::float32, shape});
      RandomStream stream = random_stream(1, name);
      for (float& value : tensor.values<float>()) {
        value = from + (to - from) * static_cast<float>(stream() >> 56U) / 255;
      }
      return tensor;
    };
    return graph.add_parameter(name, {DataType::float32, shape}, std::make_shared<Parameter>(make));
  }

  /// Adds a computed tensor of the shape with numbers from -4 to 4.
  TensorId values(const std::string& name, const Shape& shape) {
    const TensorId x = graph.add_input(name, {DataType::float32, shape}, DataType::float32);
    const TensorId centred =
        layer("Sub", name + "_centred", {x, build.number(name + ".half", 0.5F)});
    return layer("Mul", name + "_scaled", {centred, build.number(name + ".eight", 8)});
  }

  TensorId batch_norm(const std::string& name, TensorId x) {
    const Shape channels = {graph.tensor(x).type.shape.at(1)};
    return layer(
        "BatchNormalization", name,
        {x, parameter(name + ".scale", channels, -2, 2),
         parameter(name + ".shift", channels, -1, 1), parameter(name + ".mean", channels, -1, 1),
         parameter(name + ".variance", channels, 0.1F, 2)});
  }
};

inline constexpr double kTolerance = 1e-5;  // Relative to the largest |output|.

/// Runs head and tail of every cut that `wanted` chooses, each prepared by itself, and returns the
/// largest error.
double worst_cut(const Graph& graph, const std::function<bool(int)>& wanted, int& tried,
                 const PrepareOptions& options = {});

/// Returns whether one kernel call computes exactly these layers, joined by '+'.
bool has_step(const Prepared& prepared, const std::string& layers);

/// Returns the number of kernel calls whose line contains the text.
std::size_t count_steps(const Prepared& prepared, const std::string& text);

}  // namespace offcut::exec
