// Chooses scales and zero points. Tensors between which elements only move are joined to groups
// (union-find), and a group's range contains those of its tensors.
#include "models/compress/scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::compress {
namespace {

constexpr int kLowBits = 4;  // From here down, weights are clipped for the least squared error.

/// A scale that stands for nothing but zeros.
float positive(double scale) {
  return scale > std::numeric_limits<float>::min() ? static_cast<float>(scale) : 1.0F;
}

}  // namespace

TensorScale scale_for(const TensorRange& range, int bits, bool is_signed) {
  const double low = std::min(range.low, 0.0F);
  const double high = std::max(range.high, 0.0F);
  TensorScale found;
  if (is_signed) {
    found.type = DataType::int8;
    found.high = (1 << (bits - 1)) - 1;
    found.low = -found.high;
    found.scale = positive(std::max(-low, high) / found.high);
    return found;
  }
  found.high = (1 << bits) - 1;
  found.scale = positive((high - low) / found.high);
  found.zero = static_cast<std::int32_t>(
      std::clamp(std::nearbyint(-low / found.scale), 0.0, static_cast<double>(found.high)));
  return found;
}

TensorScales::TensorScales(const Graph& graph, const IntegerPlan& plan, const Ranges& ranges,
                           const PrecisionOptions& options)
    : graph_(graph), parent_(graph.tensor_count()) {
  std::iota(parent_.begin(), parent_.end(), TensorId{0});
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    for (const TensorId input : layer.inputs) {
      if (plan.roles[id] == IntegerPlan::Role::move && input != kAbsent && plan.quantised[input]) {
        join(input, layer.outputs.front());
      }
    }
  }
  std::vector<bool> edge(graph.tensor_count(), false);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (plan.reaches_first[id]) {
      edge[root(graph.layer(id).inputs[0])] = true;
    }
  }
  std::vector<bool> product_reads(graph.tensor_count(), false);
  for (LayerId id = graph.layer_count(); id-- > 0;) {
    const Layer& layer = graph.layer(id);
    const bool read = plan.roles[id] == IntegerPlan::Role::product ||
                      std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                  [&](TensorId output) { return product_reads[output]; });
    for (const TensorId input : layer.inputs) {
      if (read && input != kAbsent) {
        product_reads[input] = true;
      }
    }
  }
  std::map<TensorId, TensorRange> joined;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const auto range = ranges.find(graph.tensor(id).name);
    if (range == ranges.end()) {
      continue;
    }
    TensorRange& all = joined.try_emplace(root(id), range->second).first->second;
    all = {std::min(all.low, range->second.low), std::max(all.high, range->second.high)};
    edge[root(id)] = edge[root(id)] || !product_reads[id];
  }
  for (const auto& [id, range] : joined) {
    const int bits = edge[id] ? std::max(options.bits, options.edge_bits) : options.bits;
    scales_[id] = scale_for(range, bits, options.signed_activations);
  }
}

const TensorScale& TensorScales::of(TensorId tensor) const {
  const auto found = scales_.find(root(tensor));
  if (found == scales_.end()) {
    throw std::invalid_argument(fmt::format("tensor {} has no range: calibrate this network",
                                            in_quotes(graph_.tensor(tensor).name)));
  }
  return found->second;
}

std::size_t TensorScales::root(TensorId tensor) const {
  while (parent_[tensor] != tensor) {
    parent_[tensor] = parent_[parent_[tensor]];
    tensor = parent_[tensor];
  }
  return tensor;
}

void TensorScales::join(TensorId a, TensorId b) { parent_[root(b)] = root(a); }

Grid weight_grid(const Tensor& weights, std::int64_t axis, bool is_edge,
                 const PrecisionOptions& options) {
  constexpr int kByte = 8;
  const int bits = is_edge ? std::max(options.bits, options.edge_bits) : options.bits;
  // Half of the integers of 8 bits are those of 7 bits, and one more at either end.
  const bool reduced = bits == kByte && options.reduced_weights;
  GridChoice choice{.bits = reduced ? kByte - 1 : bits, .least_squares = bits <= kLowBits};
  if (options.per_channel) {
    choice.channel_axis = {static_cast<std::size_t>(axis)};
  }
  return grid_for(weights, choice);
}

Grid bias_grid(const Tensor& bias, float tensor_scale, Grid& weights) {
  constexpr std::int32_t kMost = 1 << 22;  // Exact as float32 times a scale, and back.
  Grid grid{.lowest = -kMost, .highest = kMost, .axis = 0, .scales = {}, .zero_points = {}};
  const auto values = bias.values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    float& own = weights.scales[weights.is_per_channel() ? i : 0];
    own = std::max(own, std::abs(values[i]) / (tensor_scale * static_cast<float>(kMost)));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    grid.scales.push_back(tensor_scale * weights.scales[weights.is_per_channel() ? i : 0]);
    grid.zero_points.push_back(0);
  }
  if (!weights.is_per_channel()) {
    grid.scales.resize(1);
    grid.zero_points.resize(1);
  }
  return grid;
}

}  // namespace offcut::compress
