// Extracts from a graph the features of each layer that its time depends on. Neighbours count only
// if no other layer reads the tensor between them, because only then can a runtime fuse the two.
#include "models/cost/layer_features.h"

#include <algorithm>
#include <optional>

namespace offcut::cost {
namespace {

constexpr int kMostFollowed = 2;

double product(const std::vector<std::int64_t>& extents) {
  double result = 1;
  for (const std::int64_t extent : extents) {
    result *= static_cast<double>(extent);
  }
  return result;
}

bool is_output(const Graph& graph, TensorId id) {
  return std::find(graph.outputs().begin(), graph.outputs().end(), id) != graph.outputs().end();
}

/// Returns the first producer of an input whose output only `reader` reads.
std::optional<LayerId> sole_producer(const Graph& graph, const Layer& reader) {
  for (const TensorId input : reader.inputs) {
    if (input == kAbsent || !graph.tensor(input).producer) {
      continue;
    }
    const TensorNode& tensor = graph.tensor(input);
    if (tensor.consumers.size() == 1 && !is_output(graph, input)) {
      return tensor.producer;
    }
  }
  return std::nullopt;
}

std::string operators_before(const Graph& graph, LayerId id) {
  std::string names;
  std::optional<LayerId> before = sole_producer(graph, graph.layer(id));
  for (int i = 0; before && i < kMostFollowed; ++i) {
    names += (names.empty() ? "" : "<") + graph.layer(*before).op_name;
    before = sole_producer(graph, graph.layer(*before));
  }
  return names;
}

/// Returns the operator of the first layer that reads this layer's output.
std::string operator_after(const Graph& graph, const Layer& layer) {
  if (layer.outputs.size() != 1 || is_output(graph, layer.outputs.front())) {
    return "";
  }
  const TensorNode& result = graph.tensor(layer.outputs.front());
  return result.consumers.empty() ? "" : graph.layer(result.consumers.front()).op_name;
}

/// Returns the extent of the channel axis: the last one in matrix products, else the one after the
/// batch.
double channels_of(const Shape& shape, bool last) {
  if (shape.empty()) {
    return 1;
  }
  return static_cast<double>(last || shape.size() < 2 ? shape.back() : shape[1]);
}

LayerFeatures features_of(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  LayerFeatures features{.op = layer.op_name,
                         .follows = operators_before(graph, id),
                         .feeds = operator_after(graph, layer),
                         .macs = layer.work.macs,
                         .parameter_bytes = layer.work.parameter_bytes,
                         .activation_bytes = layer.work.activation_bytes};
  const bool is_product = layer.op_name == "MatMul" || layer.op_name == "Gemm";
  if (!layer.inputs.empty() && layer.inputs.front() != kAbsent) {
    features.input_channels =
        channels_of(graph.tensor(layer.inputs.front()).type.shape, is_product);
  }
  if (!layer.outputs.empty()) {
    const Shape& shape = graph.tensor(layer.outputs.front()).type.shape;
    features.output_channels = channels_of(shape, is_product);
    features.output_places =
        features.output_channels > 0 ? product(shape) / features.output_channels : 0;
  }
  if (layer.op_name == "Conv" && layer.inputs.size() > 1) {
    const Shape& weights = graph.tensor(layer.inputs[1]).type.shape;
    features.kernel_size = product({weights.begin() + 2, weights.end()});
  } else {
    features.kernel_size = product(layer.attributes.integers("kernel_shape", {}));
  }
  features.stride = product(layer.attributes.integers("strides", {}));
  features.groups =
      static_cast<double>(layer.attributes.has("group") ? layer.attributes.integer("group", 1) : 1);
  return features;
}

}  // namespace

std::vector<LayerFeatures> layer_features(const Graph& graph) {
  std::vector<LayerFeatures> all;
  double model_bytes = 0;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    all.push_back(features_of(graph, id));
    model_bytes += all.back().parameter_bytes;
  }
  for (LayerFeatures& features : all) {
    features.model_bytes = model_bytes;
  }
  return all;
}

}  // namespace offcut::cost
