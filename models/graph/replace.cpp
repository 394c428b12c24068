// Copies a graph with other values of its parameters. Tensors and layers are added in their old
// order, so that all ids stay.

#include "models/graph/replace.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut {
namespace {

std::shared_ptr<const Parameter> parameter_of(const TensorNode& tensor,
                                              const std::optional<Tensor>& value) {
  if (!value) {
    return tensor.parameter;
  }
  if (value->type() != tensor.type) {
    throw std::invalid_argument(fmt::format("parameter '{}' is {}, and can't be {}", tensor.name,
                                            to_text(tensor.type), to_text(value->type())));
  }
  return std::make_shared<const Parameter>([made = *value] { return made; });
}

}  // namespace

Graph with_parameters(const Graph& graph,
                      const std::function<std::optional<Tensor>(const TensorNode&)>& value) {
  Graph result(graph.name());
  for (TensorId id = 0; id < graph.tensor_count();) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.producer) {
      Layer layer = graph.layer(*tensor.producer);
      std::vector<TensorNode> outputs;
      for (const TensorId output : layer.outputs) {
        outputs.push_back({.name = graph.tensor(output).name, .type = graph.tensor(output).type});
      }
      id += outputs.size();
      result.add_layer(std::move(layer), std::move(outputs));
      continue;
    }
    if (tensor.is_parameter()) {
      result.add_parameter(tensor.name, tensor.type, parameter_of(tensor, value(tensor)));
    } else {
      result.add_input(tensor.name, tensor.type, graph.wire_type(id));
    }
    ++id;
  }
  for (const TensorId output : graph.outputs()) {
    result.add_output(output);
  }
  return result;
}

}  // namespace offcut
