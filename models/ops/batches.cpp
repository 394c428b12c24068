#include "models/ops/batches.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

namespace offcut::ops {
namespace {

/// Whether the type is the other one with its first extent multiplied.
bool is_batch_of(const TensorType& batch, const TensorType& one, std::int64_t count) {
  Shape expected = one.shape;
  if (expected.empty()) {
    return false;
  }
  expected.front() *= count;
  return batch.type == one.type && batch.shape == expected;
}

}  // namespace

Graph in_batches(const Graph& graph, std::int64_t count, const Registry<Operator>& operators) {
  Graph result(graph.name());
  std::map<TensorId, TensorId> now = {{kAbsent, kAbsent}};
  for (const TensorId id : graph.inputs()) {
    const TensorNode& input = graph.tensor(id);
    TensorType type = input.type;
    if (type.shape.empty()) {
      throw std::invalid_argument(
          fmt::format("input '{}' is a single number, no batch", input.name));
    }
    type.shape.front() *= count;
    now[id] = result.add_input(input.name, type, graph.wire_type(id));
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      now[id] = result.add_parameter(tensor.name, tensor.type, tensor.parameter);
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    Layer layer = graph.layer(id);
    std::vector<std::string> names;
    for (const TensorId output : layer.outputs) {
      names.push_back(graph.tensor(output).name);
    }
    bool is_of_input = false;
    for (TensorId& input : layer.inputs) {
      is_of_input = is_of_input || (input != kAbsent && !graph.tensor(input).is_parameter());
      input = now.at(input);
    }
    const std::vector<TensorId> before = std::move(layer.outputs);
    layer.outputs.clear();
    const LayerId made = apply(result, operators, std::move(layer), names);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const TensorId output = result.layer(made).outputs[i];
      now[before[i]] = output;
      if (is_of_input &&
          !is_batch_of(result.tensor(output).type, graph.tensor(before[i]).type, count)) {
        throw std::invalid_argument(fmt::format(
            "layer '{}' makes {} of a batch of {}, where one makes {}", graph.layer(id).name,
            to_text(result.tensor(output).type), count, to_text(graph.tensor(before[i]).type)));
      }
    }
  }
  for (const TensorId id : graph.outputs()) {
    result.add_output(now.at(id));
  }
  return result;
}

}  // namespace offcut::ops
