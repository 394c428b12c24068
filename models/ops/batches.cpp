// Rebuilds a network layer by layer with a larger first extent and infers all shapes anew. A layer
// whose result does not grow with its input shows that the network is made for one batch size.

#include "models/ops/batches.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <vector>

namespace offcut::ops {
namespace {

/// Returns whether `batch` is `one` with the first extent multiplied.
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
  std::map<TensorId, TensorId> mapped = {{kAbsent, kAbsent}};
  std::vector<bool> depends(graph.tensor_count(), false);  // On an input, by the old tensor.
  for (const TensorId id : graph.inputs()) {
    const TensorNode& input = graph.tensor(id);
    TensorType type = input.type;
    if (type.shape.empty()) {
      throw std::invalid_argument(
          fmt::format("input '{}' is a scalar and has no batch axis", input.name));
    }
    type.shape.front() *= count;
    mapped[id] = result.add_input(input.name, type, graph.wire_type(id));
    depends[id] = true;
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      mapped[id] = result.add_parameter(tensor.name, tensor.type, tensor.parameter);
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    Layer layer = graph.layer(id);
    std::vector<std::string> names;
    for (const TensorId output : layer.outputs) {
      names.push_back(graph.tensor(output).name);
    }
    bool depends_on_input = false;
    for (TensorId& input : layer.inputs) {
      depends_on_input = depends_on_input || (input != kAbsent && depends[input]);
      input = mapped.at(input);
    }
    const std::vector<TensorId> before = std::move(layer.outputs);
    layer.outputs.clear();
    const LayerId rebuilt = apply(result, operators, std::move(layer), names);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const TensorId output = result.layer(rebuilt).outputs[i];
      mapped[before[i]] = output;
      depends[before[i]] = depends_on_input;
      if (depends_on_input &&
          !is_batch_of(result.tensor(output).type, graph.tensor(before[i]).type, count)) {
        throw std::invalid_argument(
            fmt::format("layer '{}' makes {} from a batch of {}, but {} from a single input",
                        graph.layer(id).name, to_text(result.tensor(output).type), count,
                        to_text(graph.tensor(before[i]).type)));
      }
    }
  }
  for (const TensorId id : graph.outputs()) {
    result.add_output(mapped.at(id));
  }
  return result;
}

}  // namespace offcut::ops
