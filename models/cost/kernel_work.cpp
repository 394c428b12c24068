// Tells which layers of a graph share a kernel. Composites are merged first. Then layers are
// visited in order; for each tensor, it is known whether its kernel starts with a convolution or
// product and can thus take in more layers.
#include "models/cost/kernel_work.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/cost/composites.h"

namespace offcut::cost {
namespace {

bool starts_kernel(LayerKind kind) {
  return kind == LayerKind::convolution || kind == LayerKind::depthwise_convolution ||
         kind == LayerKind::dense;
}

bool is_batch_norm(const Layer& layer) { return layer.op_name == "BatchNormalization"; }

bool is_reduction(const Layer& layer) {
  return layer.work.kind == LayerKind::pooling &&
         (layer.op_name.starts_with("Global") || layer.op_name.starts_with("Reduce"));
}

bool all_are(const std::vector<std::int64_t>& values, std::int64_t value) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == value; });
}

bool is_grouped(const Layer& layer) {
  return layer.op_name == "Conv" && layer.work.kind == LayerKind::convolution &&
         layer.attributes.integer("group", 1) > 1;
}

/// Returns whether the layer is a convolution, not depthwise, with a square window of `side`, and
/// strides and dilations of 1.
bool has_window(const Graph& graph, const Layer& layer, std::int64_t side) {
  if (layer.op_name != "Conv" || layer.work.kind != LayerKind::convolution) {
    return false;
  }
  const Shape& weights = graph.tensor(layer.inputs.at(1)).type.shape;
  return weights.size() == 4 && weights[2] == side && weights[3] == side &&
         all_are(layer.attributes.integers("strides", {}), 1) &&
         all_are(layer.attributes.integers("dilations", {}), 1);
}

/// Adds the extents of a convolution or product: as many multiply-accumulates make an element of
/// the output as its sum has terms.
void add_extents(const Graph& graph, const Layer& layer, KernelWork& kernel) {
  const LayerKind kind = layer.work.kind;
  if ((kind != LayerKind::convolution && kind != LayerKind::dense) || layer.outputs.empty()) {
    return;
  }
  const Shape& shape = graph.tensor(layer.outputs.front()).type.shape;
  const auto count = static_cast<double>(elements(shape));
  if (shape.empty() || count == 0) {
    return;
  }
  kernel.depth = layer.work.macs / count;
  if (kind == LayerKind::convolution && shape.size() > 2) {
    kernel.columns = static_cast<double>(shape[1]);
    kernel.places = count / static_cast<double>(shape[0] * shape[1]);
  } else {
    kernel.columns = static_cast<double>(shape.back());
    kernel.rows = count / kernel.columns;
  }
}

/// Of the table that a Gather looks up, the rows that it returns are read, not the others.
void count_rows_alone(const Graph& graph, const Layer& layer, LayerWork& work) {
  if (layer.op_name != "Gather" || layer.outputs.empty()) {
    return;
  }
  const auto rows = static_cast<double>(graph.tensor(layer.outputs.front()).type.bytes());
  work.parameter_bytes = std::min(work.parameter_bytes, rows);
}

KernelWork kernel_alone(const Graph& graph, const Layer& layer) {
  KernelWork kernel{.layer = layer.work,
                    .is_3x3 = has_window(graph, layer, 3),
                    .is_1x1 = has_window(graph, layer, 1),
                    .is_batch_norm = is_batch_norm(layer),
                    .is_grouped = is_grouped(layer),
                    .is_local_norm = layer.op_name == "LRN",
                    .is_reduction = is_reduction(layer)};
  add_extents(graph, layer, kernel);
  count_rows_alone(graph, layer, kernel.layer);
  return kernel;
}

/// Returns the tensors that the layers read and do not make, without parameters.
std::set<TensorId> entering(const Graph& graph, const std::vector<LayerId>& layers) {
  std::set<TensorId> enter;
  for (const LayerId id : layers) {
    for (const TensorId input : graph.layer(id).inputs) {
      if (input != kAbsent && !graph.tensor(input).is_parameter()) {
        enter.insert(input);
      }
    }
  }
  for (const LayerId id : layers) {
    for (const TensorId output : graph.layer(id).outputs) {
      enter.erase(output);
    }
  }
  return enter;
}

/// Lets the last layer of the group stand for all of it.
void merge(const Graph& graph, const Composite& group, std::vector<KernelWork>& kernels) {
  KernelWork merged{.layer = {.kind = group.kind}};
  for (const LayerId id : group.layers) {
    merged.layer.macs += kernels[id].layer.macs;
    merged.layer.parameters += kernels[id].layer.parameters;
    merged.layer.parameter_bytes += kernels[id].layer.parameter_bytes;
    merged.depth += kernels[id].depth;
    merged.columns = std::max(merged.columns, kernels[id].columns);
    merged.rows = std::max(merged.rows, kernels[id].rows);
    kernels[id].is_fused = true;
  }
  for (const TensorId id : entering(graph, group.layers)) {
    merged.layer.activation_bytes += static_cast<double>(graph.tensor(id).type.bytes());
  }
  for (const TensorId id : graph.layer(group.layers.back()).outputs) {
    merged.layer.activation_bytes += static_cast<double>(graph.tensor(id).type.bytes());
  }
  kernels[group.layers.back()] = merged;
}

constexpr LayerId kNone = static_cast<LayerId>(-1);

/// Returns the one kernel that makes all these tensors except parameters; kNone if there is none.
template <class Tensors>
LayerId kernel_before(const Graph& graph, const Tensors& tensors,
                      const std::vector<LayerId>& made_by) {
  LayerId kernel = kNone;
  for (const TensorId input : tensors) {
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

bool is_sole_reader_transpose(const Graph& graph, TensorId id) {
  const TensorNode& tensor = graph.tensor(id);
  return tensor.consumers.size() == 1 &&
         graph.layer(tensor.consumers.front()).op_name == "Transpose";
}

/// A kernel for attention reads queries, keys and values, and writes its result, in any order of
/// the axes: transpositions before and after it are free.
void free_transposes(const Graph& graph, const Composite& group, std::vector<KernelWork>& kernels) {
  const bool is_attention = std::any_of(group.layers.begin(), group.layers.end(), [&](LayerId id) {
    return graph.layer(id).op_name == "Softmax";
  });
  if (!is_attention) {
    return;
  }
  for (const TensorId id : entering(graph, group.layers)) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.producer && tensor.consumers.size() == 1 &&
        graph.layer(*tensor.producer).op_name == "Transpose") {
      kernels[*tensor.producer].is_fused = true;
    }
  }
  for (const TensorId id : graph.layer(group.layers.back()).outputs) {
    if (is_sole_reader_transpose(graph, id)) {
      kernels[graph.tensor(id).consumers.front()].is_fused = true;
    }
  }
}

/// Gives each convolution with a bias a kernel that adds it.
void separate_biases(const Graph& graph, std::vector<KernelWork>& kernels) {
  constexpr std::size_t kBias = 2;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    if ((layer.op_name == "Conv" || layer.op_name == "ConvTranspose") &&
        layer.inputs.size() > kBias && layer.inputs[kBias] != kAbsent) {
      kernels[id].bias_bytes =
          2 * static_cast<double>(graph.tensor(layer.outputs.front()).type.bytes());
    }
  }
}

/// Fuses elementwise layers and batch normalizations. `entering_of` has the inputs of composites,
/// by their last layers.
void fuse_activations(const Graph& graph, const std::map<LayerId, std::set<TensorId>>& entering_of,
                      std::vector<KernelWork>& kernels) {
  // For each tensor, the first layer of the kernel that makes it, if more layers can be fused
  // there.
  std::vector<LayerId> made_by(graph.tensor_count(), kNone);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    KernelWork& kernel = kernels[id];
    if (kernel.is_fused) {
      continue;
    }
    const Layer& layer = graph.layer(id);
    const auto group = entering_of.find(id);
    LayerId before = kNone;
    if (kernel.layer.kind == LayerKind::elementwise || kernel.is_batch_norm) {
      before = group == entering_of.end() ? kernel_before(graph, layer.inputs, made_by)
                                          : kernel_before(graph, group->second, made_by);
    }
    kernel.is_fused = before != kNone;
    for (const TensorId output : layer.outputs) {
      made_by[output] = starts_kernel(kernel.layer.kind) ? id : before;
    }
  }
}

}  // namespace

double total_macs(const Graph& graph) {
  double macs = 0;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    macs += graph.layer(id).work.macs;
  }
  return macs;
}

std::vector<KernelWork> kernels_of(const Graph& graph, const Runtime& runtime) {
  std::vector<KernelWork> kernels;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    kernels.push_back(kernel_alone(graph, graph.layer(id)));
  }
  std::map<LayerId, std::set<TensorId>> entering_of;
  if (runtime.merges_composites) {
    for (const Composite& group : composites_of(graph)) {
      merge(graph, group, kernels);
      free_transposes(graph, group, kernels);
      entering_of[group.layers.back()] = entering(graph, group.layers);
    }
  }
  if (runtime.fuses == Fusion::nothing) {
    separate_biases(graph, kernels);
  } else if (runtime.fuses == Fusion::activations) {
    fuse_activations(graph, entering_of, kernels);
  }
  return kernels;
}

}  // namespace offcut::cost
