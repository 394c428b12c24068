// The twin of a graph in which floats of 16 bits are float32, so that the fast kernels can run it
// and nothing is rounded between two layers of a segment. Layers and tensors are added in the order
// of their ids, which therefore stay the same.

#include "models/exec/short_floats.h"

#include <algorithm>

#include "models/graph/parameter_value.h"
#include "models/ops/convert.h"
#include "models/ops/type_codes.h"

namespace offcut::exec {
namespace {

TensorType type_in_float32(const TensorType& type) {
  return {is_short_float(type.type) ? DataType::float32 : type.type, type.shape};
}

std::shared_ptr<const Parameter> parameter_in_float32(const TensorNode& tensor) {
  if (!is_short_float(tensor.type.type)) {
    return tensor.parameter;
  }
  return std::make_shared<Parameter>(
      [&tensor] { return ops::convert(read_parameter(tensor), DataType::float32); },
      Parameter::Source::rereadable);
}

/// Returns the attributes with float32 in the place of a type or value of 16 bits.
Attributes attributes_in_float32(const Attributes& attributes) {
  Attributes floats;
  for (const auto& [name, value] : attributes) {
    const auto* const code = std::get_if<std::int64_t>(&value);
    const auto* const tensor = std::get_if<Tensor>(&value);
    const bool is_type = name == "to" || name == "dtype" || name == "output_datatype";
    if (is_type && code != nullptr && is_short_float(ops::type_of_code(*code))) {
      floats.set(name, ops::code_of_type(DataType::float32));
    } else if (tensor != nullptr && is_short_float(tensor->type().type)) {
      floats.set(name, ops::convert(*tensor, DataType::float32));
    } else {
      floats.set(name, value);
    }
  }
  return floats;
}

}  // namespace

bool has_short_floats(const Graph& graph, const Segment& segment) {
  const auto is_short = [&](TensorId id) {
    return id != kAbsent && is_short_float(graph.tensor(id).type.type);
  };
  return std::any_of(segment.layers.begin(), segment.layers.end(), [&](LayerId id) {
    const Layer& layer = graph.layer(id);
    return std::any_of(layer.inputs.begin(), layer.inputs.end(), is_short) ||
           std::any_of(layer.outputs.begin(), layer.outputs.end(), is_short);
  });
}

Graph in_float32(const Graph& graph) {
  Graph floats(graph.name());
  for (TensorId id = 0; id < graph.tensor_count(); id = floats.tensor_count()) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      floats.add_parameter(tensor.name, type_in_float32(tensor.type), parameter_in_float32(tensor));
    } else if (tensor.producer) {
      Layer layer = graph.layer(*tensor.producer);
      layer.attributes = attributes_in_float32(layer.attributes);
      std::vector<TensorNode> outputs;
      for (const TensorId output : layer.outputs) {
        const TensorNode& made = graph.tensor(output);
        outputs.push_back({.name = made.name, .type = type_in_float32(made.type)});
      }
      floats.add_layer(std::move(layer), std::move(outputs));
    } else {
      floats.add_input(tensor.name, type_in_float32(tensor.type), graph.wire_type(id));
    }
  }
  for (const TensorId id : graph.outputs()) {
    floats.add_output(id);
  }
  return floats;
}

TensorMap with_types_of(const Graph& graph, const TensorMap& tensors) {
  TensorMap converted;
  for (const auto& [id, tensor] : tensors) {
    converted[id] = ops::convert(tensor, graph.tensor(id).type.type);
  }
  return converted;
}

}  // namespace offcut::exec
