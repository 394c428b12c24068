// Adds layers to a graph and computes them one by one. The functions of an operator see only a
// Call; errors that they throw get the layer's name and operator here.

#include "models/ops/operator.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/memory_limit.h"
#include "models/ops/call_forward.h"
#include "models/ops/invoke.h"

namespace offcut::ops {
namespace {

/// Owns the arrays that a Call points to.
struct CallFrame {
  std::vector<TensorType> types;
  std::vector<const Parameter*> known;

  CallFrame(const Graph& graph, const Layer& layer) {
    for (const TensorId input : layer.inputs) {
      types.push_back(input == kAbsent ? TensorType{} : graph.tensor(input).type);
      known.push_back(input == kAbsent ? nullptr : graph.tensor(input).parameter.get());
    }
  }
  Call call(const Layer& layer, std::size_t outputs) const {
    return {layer.attributes, layer.opset, types, known, outputs};
  }
};

LayerWork count_work(const Graph& graph, const Layer& layer, const Call& call,
                     std::span<const TensorType> outputs) {
  LayerWork work;
  work.kind = kind_of(*layer.op, call);
  work.macs = count_macs(*layer.op, call, outputs);
  for (const TensorId input : layer.inputs) {
    if (input == kAbsent) {
      continue;
    }
    const TensorNode& tensor = graph.tensor(input);
    if (tensor.is_parameter()) {
      work.parameters += static_cast<double>(elements(tensor.type.shape));
      work.parameter_bytes += static_cast<double>(tensor.type.bytes());
    } else {
      work.activation_bytes += static_cast<double>(tensor.type.bytes());
    }
  }
  // Outputs that the model does not use are not written.
  for (const TensorType& output : outputs.first(std::min(call.outputs, outputs.size()))) {
    work.activation_bytes += static_cast<double>(output.bytes());
  }
  return work;
}

/// Throws with the name and operator of the layer.
[[noreturn]] void refuse_operator(const Layer& layer, std::string_view reason) {
  throw std::invalid_argument(
      fmt::format("layer '{}' ({}): {}", layer.name, layer.op_name, reason));
}

/// Returns tensors for the layer's outputs if all of them are empty, otherwise none.
std::vector<Tensor> empty_outputs(const Graph& graph, const Layer& layer) {
  std::vector<Tensor> outputs;
  for (const TensorId output : layer.outputs) {
    if (elements(graph.tensor(output).type.shape) != 0) {
      return {};
    }
    outputs.emplace_back(graph.tensor(output).type);
  }
  return outputs;
}

}  // namespace

const Shape& Call::shape(std::size_t input) const {
  if (!has(input)) {
    throw std::invalid_argument(fmt::format("input {} is missing", input));
  }
  try {
    elements(inputs[input].shape);
  } catch (const std::length_error& error) {
    throw std::invalid_argument(error.what());
  }
  return inputs[input].shape;
}

const Tensor& Call::known_value(std::size_t input) const {
  if (!has(input) || known[input] == nullptr) {
    throw std::invalid_argument(fmt::format(
        "input {} must be a constant: shapes depend on it. If it is an input of the network, or "
        "follows from one, fix that with --fix NAME=VALUE",
        input));
  }
  return known[input]->value();
}

std::vector<std::int64_t> Call::known_integers(std::size_t input) const {
  const Tensor& value = known_value(input);
  std::vector<std::int64_t> integers;
  if (value.type().type == DataType::int64) {
    integers.assign(value.values<std::int64_t>().begin(), value.values<std::int64_t>().end());
  } else if (value.type().type == DataType::int32) {
    integers.assign(value.values<std::int32_t>().begin(), value.values<std::int32_t>().end());
  } else {
    throw std::invalid_argument(
        fmt::format("input {} must be int64 or int32, not {}", input, to_text(value.type().type)));
  }
  return integers;
}

LayerId apply(Graph& graph, const Registry<Operator>& operators, Layer layer,
              std::vector<std::string> output_names) {
  layer.op = operators.find(layer.op_name);
  if (layer.op == nullptr) {
    refuse_operator(layer, "unknown operator" + suggestion(layer.op_name, operators.names()));
  }
  std::vector<TensorNode> outputs;
  try {
    const CallFrame frame(graph, layer);
    const Call call = frame.call(layer, output_names.size());
    std::vector<TensorType> types = infer_outputs(*layer.op, call);
    layer.work = count_work(graph, layer, call, types);
    if (output_names.size() > types.size()) {
      throw std::invalid_argument(fmt::format("{} outputs are requested, {} are supported",
                                              output_names.size(), types.size()));
    }
    for (std::size_t i = 0; i < output_names.size(); ++i) {
      outputs.push_back({.name = std::move(output_names[i]), .type = std::move(types[i])});
    }
  } catch (const std::invalid_argument& error) {
    refuse_operator(layer, error.what());
  } catch (const std::length_error& error) {
    refuse_operator(layer, error.what());
  }
  return graph.add_layer(std::move(layer), std::move(outputs));
}

std::vector<Tensor> call_forward(const Layer& layer, const Call& call,
                                 std::span<const Tensor> inputs) {
  try {
    return run_operator(*layer.op, call, inputs);
  } catch (const std::invalid_argument& error) {
    refuse_operator(layer, error.what());
  } catch (const std::length_error& error) {
    refuse_operator(layer, error.what());
  } catch (const MemoryError& error) {
    throw error.within(fmt::format("layer '{}' ({})", layer.name, layer.op_name));
  }
}

std::vector<Tensor> compute(const Graph& graph, LayerId id, std::span<const Tensor> inputs) {
  const Layer& layer = graph.layer(id);
  if (layer.op == nullptr) {
    throw std::invalid_argument(
        fmt::format("layer '{}' comes from a table and has no math", layer.name));
  }
  const CallFrame frame(graph, layer);
  for (std::size_t i = 0; i < frame.types.size(); ++i) {
    if (i >= inputs.size() || inputs[i].type() != frame.types[i]) {
      refuse_operator(layer, fmt::format("input {} is {}, expected {}", i,
                                         i < inputs.size() ? to_text(inputs[i].type()) : "missing",
                                         to_text(frame.types[i])));
    }
  }
  std::vector<Tensor> empty = empty_outputs(graph, layer);
  if (!empty.empty()) {
    return empty;
  }
  return call_forward(layer, frame.call(layer, layer.outputs.size()), inputs);
}

}  // namespace offcut::ops

template class offcut::Registry<offcut::ops::Operator>;
