// Slices layers with weights by output channels. A slice is a graph with one layer, whose weights
// and bias are cut from those of the whole layer along the axis of the output channels.
#include "models/parallel/slice.h"

#include "models/parallel/part.h"

namespace offcut::parallel {
namespace {

/// Returns the axis of the weights (input 1) that counts output channels.
std::size_t weight_axis(const Layer& layer, const Shape& weights) {
  if (layer.op_name == "Conv") {
    return 0;
  }
  const bool transposed = layer.op_name == "Gemm" && layer.attributes.integer("transB", 0) != 0;
  return transposed ? 0 : weights.size() - 1;
}

/// Returns the axis of a bias (input 2) that counts output channels; nothing if all channels have
/// the same bias.
std::optional<std::size_t> bias_axis(const Shape& bias, std::int64_t channels) {
  if (bias.empty() || bias.back() != channels) {
    return std::nullopt;
  }
  return bias.size() - 1;
}

bool is_constant(const Graph& graph, const Layer& layer, std::size_t input) {
  return input < layer.inputs.size() && layer.inputs[input] != kAbsent &&
         graph.tensor(layer.inputs[input]).is_parameter();
}

bool can_slice(const Graph& graph, const Layer& layer) {
  if (!is_constant(graph, layer, 1) || is_constant(graph, layer, 0) ||
      (layer.inputs.size() > 2 && layer.inputs[2] != kAbsent && !is_constant(graph, layer, 2))) {
    return false;
  }
  const Shape& weights = graph.tensor(layer.inputs[1]).type.shape;
  return (layer.op_name == "Conv" && layer.attributes.integer("group", 1) == 1) ||
         layer.op_name == "Gemm" || (layer.op_name == "MatMul" && weights.size() == 2);
}

TensorId add_part(Graph& slice, const TensorNode& whole, std::optional<std::size_t> axis,
                  std::int64_t first, std::int64_t last) {
  if (!axis) {
    return slice.add_parameter(whole.name, whole.type, whole.parameter);
  }
  TensorType type = whole.type;
  type.shape[*axis] = last - first;
  return slice.add_parameter(
      whole.name, std::move(type),
      std::make_shared<Parameter>([parameter = whole.parameter, axis = *axis, first, last] {
        return part_of(parameter->value(), axis, first, last);
      }));
}

}  // namespace

std::optional<ChannelSlicing> channel_slicing(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  if (!can_slice(graph, layer)) {
    return std::nullopt;
  }
  const Shape& output = graph.tensor(layer.outputs.front()).type.shape;
  const std::size_t axis = layer.op_name == "Conv" ? 1 : output.size() - 1;
  return ChannelSlicing{output[axis], axis};
}

Graph slice_graph(const Graph& graph, LayerId id, std::int64_t first, std::int64_t last,
                  const Registry<ops::Operator>& operators) {
  Layer layer = graph.layer(id);
  Graph slice(layer.name + " slice");
  const std::int64_t channels = channel_slicing(graph, id).value().channels;
  const TensorNode& x = graph.tensor(layer.inputs[0]);
  const TensorNode& weights = graph.tensor(layer.inputs[1]);
  std::vector<TensorId> inputs = {
      slice.add_input(x.name, x.type, x.producer ? x.type.type : graph.wire_type(layer.inputs[0])),
      add_part(slice, weights, weight_axis(layer, weights.type.shape), first, last)};
  if (layer.inputs.size() > 2 && layer.inputs[2] != kAbsent) {
    const TensorNode& bias = graph.tensor(layer.inputs[2]);
    inputs.push_back(add_part(slice, bias, bias_axis(bias.type.shape, channels), first, last));
  }
  const std::string output = graph.tensor(layer.outputs.front()).name;
  layer.inputs = std::move(inputs);
  layer.outputs.clear();
  const LayerId made = ops::apply(slice, operators, std::move(layer), {output});
  slice.add_output(slice.layer(made).outputs.front());
  return slice;
}

}  // namespace offcut::parallel
