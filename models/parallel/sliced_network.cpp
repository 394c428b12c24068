// Rebuilds a network layer by layer: a layer that can be sliced becomes its slices and what joins
// their results, under names that no other layer has; all others are copied.

#include "models/parallel/sliced_network.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/parallel/part.h"

namespace offcut::parallel {
namespace {

constexpr int kOpset = 13;  // Of the layers that are added.

class Slicing {
 public:
  Slicing(const Graph& graph, std::size_t nodes, SliceDirection direction,
          const Registry<ops::Operator>& operators)
      : graph_(graph),
        nodes_(static_cast<std::int64_t>(nodes)),
        direction_(direction),
        operators_(operators),
        ids_(graph.tensor_count(), kAbsent),
        made_{.graph = Graph(graph.name()),
              .weights = {},
              .node_of = {},
              .original = {},
              .share = {}} {}

  SlicedNetwork run() {
    for (const TensorId id : graph_.inputs()) {
      const TensorNode& input = graph_.tensor(id);
      ids_[id] = made_.graph.add_input(input.name, input.type, graph_.wire_type(id));
    }
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      const std::int64_t extent = slicable_extent(id);
      const std::int64_t slices = std::min(nodes_, extent);
      if (slices < 2) {
        copy(id);
      } else if (direction_ == SliceDirection::columns) {
        slice_columns(id, extent, slices);
      } else {
        slice_rows(id, extent, slices);
      }
    }
    for (const TensorId id : graph_.outputs()) {
      made_.graph.add_output(ids_[id]);
    }
    return std::move(made_);
  }

 private:
  /// Returns the channels that are divided; 0 if the layer can't be sliced.
  std::int64_t slicable_extent(LayerId id) const {
    const Layer& layer = graph_.layer(id);
    const auto columns = channel_slicing(graph_, id);
    if (!columns) {
      return 0;
    }
    for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
      if (layer.inputs[i] != kAbsent && graph_.tensor(layer.inputs[i]).consumers.size() > 1) {
        return 0;
      }
    }
    if (direction_ == SliceDirection::columns) {
      return columns->channels;
    }
    if (layer.op_name == "Gemm" && layer.attributes.integer("transA", 0) != 0) {
      return 0;
    }
    return graph_.tensor(layer.inputs[0]).type.shape[input_axis(layer)];
  }

  std::size_t input_axis(const Layer& layer) const {
    return layer.op_name == "Conv" ? 1 : graph_.tensor(layer.inputs[0]).type.shape.size() - 1;
  }

  bool is_transposed(const Layer& layer) const {
    return layer.op_name == "Conv" ||
           (layer.op_name == "Gemm" && layer.attributes.integer("transB", 0) != 0);
  }

  /// The axis of the weights that counts output channels, or input channels.
  std::size_t weight_axis(const Layer& layer) const {
    const bool columns = direction_ == SliceDirection::columns;
    return is_transposed(layer) == columns ? 0 : 1;
  }

  TensorId mapped(TensorId id) {
    if (id != kAbsent && ids_[id] == kAbsent && graph_.tensor(id).is_parameter()) {
      const TensorNode& parameter = graph_.tensor(id);
      ids_[id] = made_.graph.add_parameter(parameter.name, parameter.type, parameter.parameter);
    }
    return id == kAbsent ? kAbsent : ids_[id];
  }

  void note_layer(std::optional<std::size_t> node, std::optional<LayerId> original, double share) {
    made_.node_of.push_back(node);
    made_.original.push_back(original);
    made_.share.push_back(share);
  }

  void copy(LayerId id) {
    Layer layer = graph_.layer(id);
    const std::vector<TensorId> outputs = layer.outputs;
    for (TensorId& input : layer.inputs) {
      input = mapped(input);
    }
    std::vector<TensorNode> nodes;
    for (const TensorId output : outputs) {
      nodes.push_back({.name = graph_.tensor(output).name,
                       .type = graph_.tensor(output).type,
                       .producer = {},
                       .consumers = {},
                       .parameter = {}});
    }
    layer.outputs.clear();
    const LayerId made = made_.graph.add_layer(std::move(layer), std::move(nodes));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ids_[outputs[i]] = made_.graph.layer(made).outputs[i];
    }
    note_layer(std::nullopt, id, 1);
  }

  static std::string part_name(const std::string& name, std::int64_t slice) {
    return name + "/slice" + std::to_string(slice);
  }

  /// Adds a part of a parameter, or all of it under another name.
  TensorId add_slice(TensorId id, std::optional<std::size_t> axis, std::int64_t slice,
                     std::int64_t first, std::int64_t last) {
    const TensorNode& whole = graph_.tensor(id);
    TensorType type = whole.type;
    std::shared_ptr<const Parameter> parameter = whole.parameter;
    if (axis) {
      type.shape[*axis] = last - first;
      parameter = std::make_shared<Parameter>([from = whole.parameter, axis = *axis, first, last] {
        return part_of(from->value(), axis, first, last);
      });
    }
    const std::string name = part_name(whole.name, slice);
    made_.weights.push_back({name, whole.name, axis, first, last});
    return made_.graph.add_parameter(name, std::move(type), std::move(parameter));
  }

  /// Adds a slice of a layer. Returns its result.
  TensorId add_slice_layer(LayerId id, std::int64_t slice, std::vector<TensorId> inputs,
                           double share) {
    const Layer& original = graph_.layer(id);
    Layer layer = original;
    layer.name = part_name(original.name, slice);
    layer.inputs = std::move(inputs);
    layer.outputs.clear();
    const std::string output = part_name(graph_.tensor(original.outputs.front()).name, slice);
    const LayerId made = ops::apply(made_.graph, operators_, std::move(layer), {output});
    note_layer(static_cast<std::size_t>(slice), id, share);
    return made_.graph.layer(made).outputs.front();
  }

  /// Adds a layer that belongs to a sliced one. Returns its results.
  std::vector<TensorId> add_joint(const std::string& op, const std::string& name,
                                  std::vector<TensorId> inputs, std::vector<std::string> outputs,
                                  std::optional<std::size_t> axis) {
    Layer layer;
    layer.name = name;
    layer.op_name = op;
    layer.opset = kOpset;
    layer.inputs = std::move(inputs);
    if (axis) {
      layer.attributes.set("axis", static_cast<std::int64_t>(*axis));
    }
    const LayerId made = ops::apply(made_.graph, operators_, std::move(layer), std::move(outputs));
    note_layer(std::nullopt, std::nullopt, 0);
    return made_.graph.layer(made).outputs;
  }

  void slice_columns(LayerId id, std::int64_t channels, std::int64_t slices) {
    const Layer& layer = graph_.layer(id);
    const std::size_t axis = channel_slicing(graph_, id)->axis;
    std::vector<TensorId> results;
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      const std::int64_t first = slice * channels / slices;
      const std::int64_t last = (slice + 1) * channels / slices;
      std::vector<TensorId> inputs = {
          mapped(layer.inputs[0]),
          add_slice(layer.inputs[1], weight_axis(layer), slice, first, last)};
      if (layer.inputs.size() > 2 && layer.inputs[2] != kAbsent) {
        inputs.push_back(bias_slice(layer, channels, slice, first, last));
      }
      results.push_back(
          add_slice_layer(id, slice, std::move(inputs),
                          static_cast<double>(last - first) / static_cast<double>(channels)));
    }
    join("Concat", id, results, axis);
  }

  /// A bias has one value for each channel. One for all channels would be trained by each slice.
  TensorId bias_slice(const Layer& layer, std::int64_t channels, std::int64_t slice,
                      std::int64_t first, std::int64_t last) {
    const Shape& shape = graph_.tensor(layer.inputs[2]).type.shape;
    if (shape.empty() || shape.back() != channels) {
      throw std::invalid_argument(
          "layer '" + layer.name +
          "' has one bias for all channels, so it can't be sliced to train");
    }
    return add_slice(layer.inputs[2], shape.size() - 1, slice, first, last);
  }

  void slice_rows(LayerId id, std::int64_t channels, std::int64_t slices) {
    const Layer& layer = graph_.layer(id);
    std::vector<std::int64_t> sizes;
    std::vector<std::string> names;
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      sizes.push_back((slice + 1) * channels / slices - slice * channels / slices);
      names.push_back(part_name(layer.name + "/input", slice));
    }
    const std::string size_name = layer.name + "/sizes";
    const TensorId split = made_.graph.add_parameter(
        size_name, {DataType::int64, {slices}}, std::make_shared<Parameter>([sizes, slices] {
          return Tensor({slices}, std::span<const std::int64_t>(sizes));
        }));
    const std::vector<TensorId> parts = add_joint(
        "Split", layer.name + "/split", {mapped(layer.inputs[0]), split}, names, input_axis(layer));
    std::vector<TensorId> results;
    std::int64_t first = 0;
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      const std::int64_t last = first + sizes[static_cast<std::size_t>(slice)];
      std::vector<TensorId> inputs = {
          parts[static_cast<std::size_t>(slice)],
          add_slice(layer.inputs[1], weight_axis(layer), slice, first, last)};
      if (slice == 0 && layer.inputs.size() > 2 && layer.inputs[2] != kAbsent) {
        const TensorNode& bias = graph_.tensor(layer.inputs[2]);
        inputs.push_back(add_slice(layer.inputs[2], std::nullopt, slice, 0,
                                   bias.type.shape.empty() ? 1 : bias.type.shape.back()));
      }
      results.push_back(
          add_slice_layer(id, slice, std::move(inputs),
                          static_cast<double>(last - first) / static_cast<double>(channels)));
      first = last;
    }
    join("Sum", id, results, std::nullopt);
  }

  /// Makes the original result of the slices' ones.
  void join(const std::string& op, LayerId id, std::vector<TensorId> results,
            std::optional<std::size_t> axis) {
    const TensorId output = graph_.layer(id).outputs.front();
    ids_[output] = add_joint(op, graph_.layer(id).name + (axis ? "/gather" : "/sum"),
                             std::move(results), {graph_.tensor(output).name}, axis)
                       .front();
  }

  const Graph& graph_;
  const std::int64_t nodes_;
  const SliceDirection direction_;
  const Registry<ops::Operator>& operators_;
  std::vector<TensorId> ids_;  // In the sliced network, by tensor of the original one.
  SlicedNetwork made_;
};

}  // namespace

SlicedNetwork sliced_network(const Graph& graph, std::size_t nodes, SliceDirection direction,
                             const Registry<ops::Operator>& operators) {
  if (nodes == 0) {
    throw std::invalid_argument("a network is sliced over no nodes; expected at least 1");
  }
  return Slicing(graph, nodes, direction, operators).run();
}

}  // namespace offcut::parallel
