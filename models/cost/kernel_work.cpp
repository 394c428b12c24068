// Tells which layers of a graph share a kernel. Layers are visited in order; for each tensor, it is
// known whether its kernel starts with a convolution or product and can thus take in more layers.
#include "models/cost/kernel_work.h"

#include <algorithm>

namespace offcut::cost {
namespace {

bool starts_kernel(LayerKind kind) {
  return kind == LayerKind::convolution || kind == LayerKind::depthwise_convolution ||
         kind == LayerKind::dense;
}

bool can_be_fused(const Layer& layer) {
  return layer.work.kind == LayerKind::elementwise || layer.op_name == "BatchNormalization";
}

bool all_are(const std::vector<std::int64_t>& values, std::int64_t value) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == value; });
}

bool is_3x3(const Graph& graph, const Layer& layer) {
  if (layer.op_name != "Conv" || layer.work.kind != LayerKind::convolution) {
    return false;
  }
  const Shape& weights = graph.tensor(layer.inputs.at(1)).type.shape;
  return weights.size() == 4 && weights[2] == 3 && weights[3] == 3 &&
         all_are(layer.attributes.integers("strides", {}), 1) &&
         all_are(layer.attributes.integers("dilations", {}), 1);
}

constexpr LayerId kNone = static_cast<LayerId>(-1);

/// Returns the one kernel that makes all the layer's inputs except parameters; kNone if there is
/// none.
LayerId kernel_before(const Graph& graph, const Layer& layer, const std::vector<LayerId>& made_by) {
  LayerId kernel = kNone;
  for (const TensorId input : layer.inputs) {
    if (input == kAbsent || graph.tensor(input).is_parameter()) {
      continue;
    }
    if (made_by[input] == kNone || (kernel != kNone && kernel != made_by[input])) {
      return kNone;
    }
    kernel = made_by[input];
  }
  return kernel;
}

}  // namespace

std::vector<KernelWork> kernels_of(const Graph& graph) {
  // For each tensor, the first layer of the kernel that makes it, if more layers can be fused
  // there.
  std::vector<LayerId> made_by(graph.tensor_count(), kNone);
  std::vector<KernelWork> kernels;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    const LayerId before = can_be_fused(layer) ? kernel_before(graph, layer, made_by) : kNone;
    kernels.push_back(
        {.layer = layer.work, .is_3x3 = is_3x3(graph, layer), .is_fused = before != kNone});
    for (const TensorId output : layer.outputs) {
      made_by[output] = starts_kernel(layer.work.kind) ? id : before;
    }
  }
  return kernels;
}

}  // namespace offcut::cost
