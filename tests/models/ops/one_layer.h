#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/exec/segment.h"

namespace offcut::ops {

/// Makes a float32 tensor, of zeros if no values are given.
inline Tensor floats(Shape shape, std::vector<float> values = {}) {
  values.resize(static_cast<std::size_t>(elements(shape)));
  return Tensor(std::move(shape), std::span<const float>(values));
}
inline Tensor integers(std::vector<std::int64_t> values) {
  return Tensor({static_cast<std::int64_t>(values.size())}, std::span<const std::int64_t>(values));
}
inline std::vector<float> values(const Tensor& tensor) {
  return {tensor.values<float>().begin(), tensor.values<float>().end()};
}

/// A graph of one layer, to try an operator as users reach it. `parameters` says which inputs are
/// constants.
class OneLayer {
 public:
  explicit OneLayer(std::string op, std::vector<std::size_t> parameters = {},
                    const std::vector<std::pair<std::string, AttributeValue>>& attributes = {},
                    int opset = 13)
      : op_(std::move(op)), parameters_(std::move(parameters)), opset_(opset) {
    for (const auto& [name, value] : attributes) {
      attributes_.set(name, value);
    }
    register_operators(operators_);
  }

  Tensor run(const std::vector<Tensor>& inputs) const { return run(inputs, 1).front(); }

  std::vector<Tensor> run(const std::vector<Tensor>& inputs, std::size_t outputs) const {
    const Graph graph = build(inputs, outputs);
    exec::TensorMap given;
    for (const TensorId id : exec::whole(graph).enters) {
      given[id] = inputs.at(index_of(graph, id));
    }
    const exec::TensorMap left = offcut::exec::run(graph, exec::whole(graph), given);
    std::vector<Tensor> results;
    for (const TensorId id : graph.outputs()) {
      results.push_back(left.at(id));
    }
    return results;
  }

  LayerWork work(const std::vector<Tensor>& inputs) const { return build(inputs).layer(0).work; }

 private:
  Graph build(const std::vector<Tensor>& inputs, std::size_t outputs = 1) const {
    Graph graph("one layer");
    Layer layer{.name = "it", .op_name = op_, .opset = opset_, .attributes = attributes_};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor& input = inputs[i];
      const std::string name = "in" + std::to_string(i);
      if (input.absent()) {
        layer.inputs.push_back(kAbsent);
      } else if (std::find(parameters_.begin(), parameters_.end(), i) != parameters_.end()) {
        layer.inputs.push_back(graph.add_parameter(
            name, input.type(), std::make_shared<Parameter>([input] { return input; })));
      } else {
        layer.inputs.push_back(graph.add_input(name, input.type(), input.type().type));
      }
    }
    std::vector<std::string> names = {"out"};
    for (std::size_t i = 1; i < outputs; ++i) {
      names.push_back("out" + std::to_string(i));
    }
    apply(graph, operators_, layer, names);
    for (const std::string& name : names) {
      graph.add_output(*graph.find_tensor(name));
    }
    return graph;
  }

  static std::size_t index_of(const Graph& graph, TensorId id) {
    return std::stoul(graph.tensor(id).name.substr(2));
  }

  std::string op_;
  std::vector<std::size_t> parameters_;
  Attributes attributes_;
  int opset_;
  Registry<Operator> operators_;
};

}  // namespace offcut::ops
