// Layer times by the roofline model. Each kind of layer reaches its own share of the device's peak;
// fused layers and views are free; weights that do not fit on an accelerator's chip are streamed.
// Where the host issues kernels one after another, a layer's time is what it adds to the end.
#include "models/cost/roofline.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::cost {
namespace {

constexpr double kFlopPerMac = 2;    // One multiplication and one addition.
constexpr double kGraphElement = 4;  // Bytes of a float32.

/// Returns the share of N or K that is left where `narrow` of them are lost.
double filled(double extent, double narrow) { return extent > 0 ? extent / (extent + narrow) : 1; }

/// Returns how many times the places of a square image the places of whole tiles are.
double tile_waste(double places, int tile) {
  if (tile == 0 || places <= 0) {
    return 1;
  }
  const double side = std::sqrt(places);
  const double covered = std::ceil(side / tile - 1e-9) * tile;
  return covered * covered / places;
}

double convolution_efficiency(const Device& device, const KernelWork& kernel) {
  const Efficiency& shares = device.efficiency;
  if (kernel.is_grouped && shares.grouped_convolution) {
    return *shares.grouped_convolution;
  }
  const double filling =
      filled(kernel.columns, device.narrow) * filled(kernel.depth, device.narrow);
  if (kernel.is_3x3) {
    return shares.convolution_3x3 * filling / tile_waste(kernel.places, device.winograd_tile);
  }
  return filling * (kernel.is_1x1 ? shares.convolution
                                  : shares.other_convolution.value_or(shares.convolution));
}

double compute_efficiency(const Device& device, const KernelWork& kernel) {
  const Efficiency& efficiency = device.efficiency;
  switch (kernel.layer.kind) {
    case LayerKind::convolution:
      return convolution_efficiency(device, kernel);
    case LayerKind::dense:
      return std::fmod(kernel.columns, 2) == 1 ? efficiency.odd_dense.value_or(efficiency.dense)
                                               : efficiency.dense;
    case LayerKind::depthwise_convolution:
    case LayerKind::pooling:
    case LayerKind::elementwise:
    case LayerKind::normalization:
    case LayerKind::data_movement:
    case LayerKind::view:
      return efficiency.depthwise_convolution;
    case LayerKind::table:
      break;
  }
  throw std::invalid_argument("a layer from a table has given times, so the roofline has none");
}

bool uses_winograd(const Device& device, const KernelWork& kernel) {
  return kernel.is_3x3 && device.winograd_tile > 0 &&
         !(kernel.is_grouped && device.efficiency.grouped_convolution);
}

/// Returns the share of a product's terms that is left to each of the cores among which its sums are
/// split.
double split_share(const Device& device, double rows) {
  return device.step.split_rows > 0 ? rows / (rows + device.step.split_rows) : 1;
}

/// Returns the time of a kernel's sums: K terms, one after the other. Winograd's algorithm sums
/// over channels alone.
Seconds depth_time(const Device& device, const KernelWork& kernel, double batch) {
  constexpr double kWindow = 9;
  switch (kernel.layer.kind) {
    case LayerKind::convolution:
      return kernel.depth / (uses_winograd(device, kernel) ? kWindow : 1) * device.step.convolution;
    case LayerKind::dense:
      return kernel.depth * split_share(device, kernel.rows * batch) * device.step.dense;
    default:
      return Seconds(0);
  }
}

Seconds overhead_of(const Device& device, const KernelWork& kernel) {
  if (kernel.is_batch_norm || (kernel.is_reduction && device.overheads.normalization)) {
    return device.overheads.normalization.value_or(device.layer_overhead);
  }
  if (uses_winograd(device, kernel)) {
    return device.overheads.winograd.value_or(device.layer_overhead);
  }
  return kernel.layer.kind == LayerKind::pooling
             ? device.overheads.pooling.value_or(device.layer_overhead)
             : device.layer_overhead;
}

double memory_share(const Device& device, const KernelWork& kernel) {
  if (kernel.is_local_norm) {
    return device.efficiency.local_normalization.value_or(device.efficiency.memory);
  }
  if (kernel.is_reduction && device.efficiency.normalization) {
    return *device.efficiency.normalization;
  }
  switch (kernel.layer.kind) {
    case LayerKind::pooling:
      return device.efficiency.pooling.value_or(device.efficiency.memory);
    case LayerKind::normalization:
      return device.efficiency.normalization.value_or(device.efficiency.memory);
    default:
      return device.efficiency.memory;
  }
}

Seconds traffic_time(const Device& device, double bytes, double share) {
  return Bytes(bytes * (device.element / kGraphElement)) / (device.memory_bandwidth * share);
}

/// Returns the time of the kernel that adds a convolution's bias, if there is one.
Seconds bias_time(const Device& device, const KernelWork& kernel, double batch) {
  if (kernel.bias_bytes == 0) {
    return Seconds(0);
  }
  return traffic_time(device, kernel.bias_bytes * batch, device.efficiency.memory) +
         device.layer_overhead;
}

bool is_free(const KernelWork& kernel) {
  return kernel.layer.kind == LayerKind::view || kernel.is_fused;
}

/// The host issues one kernel after another, and the device computes them in this order.
class IssueQueue {
 public:
  explicit IssueQueue(const Runtime& runtime) : issue_(runtime.issue) {}

  /// Returns what a kernel that computes for `time` adds to the end.
  Seconds add(Seconds time) {
    if (issue_ == Seconds(0)) {
      return time;
    }
    issued_ += issue_;
    const Seconds end = std::max(end_, issued_) + time;
    const Seconds added = end - end_;
    end_ = end;
    return added;
  }

 private:
  Seconds issue_, issued_, end_;
};

/// Fills an accelerator's memory with weights, layer by layer, and returns the time that the link
/// takes for the other weights.
class WeightStream {
 public:
  explicit WeightStream(const OnChipMemory& memory) : memory_(memory), free_(memory.size) {}

  Seconds time_of(const LayerWork& work) {
    const Bytes weights = memory_.weight * work.parameters;
    const Bytes kept = std::min(weights, free_);
    free_ -= kept;
    return (weights - kept) / memory_.link;
  }

 private:
  OnChipMemory memory_;
  Bytes free_;
};

}  // namespace

Seconds kernel_time(const Device& device, const KernelWork& kernel, double batch) {
  const LayerWork& work = kernel.layer;
  const double reached = compute_efficiency(device, kernel);
  if (is_free(kernel)) {
    return Seconds(0);
  }
  const Seconds arithmetic =
      Flops(kFlopPerMac * work.macs * batch) / (device.peak * reached) +
                             depth_time(device, kernel, batch);
  const double bytes = work.parameter_bytes + work.activation_bytes * batch;
  const Seconds traffic = traffic_time(device, bytes, memory_share(device, kernel));
  return std::max(std::max(arithmetic, traffic) + overhead_of(device, kernel) +
                      bias_time(device, kernel, batch),
                  device.launch);
}

Seconds layer_time(const Device& device, const LayerWork& work) {
  return kernel_time(device, {.layer = work});
}

std::vector<Seconds> layer_times(const Device& device, const Graph& graph, double batch) {
  std::vector<Seconds> times;
  std::optional<WeightStream> stream;
  if (device.on_chip) {
    stream.emplace(*device.on_chip);
  }
  IssueQueue queue(device.runtime);
  Seconds invocation = device.runtime.invocation;
  for (const KernelWork& kernel : kernels_of(graph, device.runtime)) {
    Seconds time = kernel_time(device, kernel, batch);
    if (stream) {
      time = std::max(time, stream->time_of(kernel.layer));
    }
    if (!is_free(kernel)) {
      time = queue.add(time) + invocation;
      invocation = Seconds(0);
    }
    times.push_back(time);
  }
  return times;
}

std::vector<Seconds> times_from_wire(const Device& device, const Graph& graph, double batch) {
  std::vector<Seconds> times = layer_times(device, graph, batch);
  for (const TensorId id : graph.inputs()) {
    const TensorNode& input = graph.tensor(id);
    if (graph.wire_type(id) == input.type.type || input.consumers.empty()) {
      continue;
    }
    const double bytes = graph.wire_bytes(id) + static_cast<double>(input.type.bytes());
    times[input.consumers.front()] += kernel_time(
        device, {.layer = {.kind = LayerKind::elementwise, .activation_bytes = bytes}}, batch);
  }
  return times;
}

}  // namespace offcut::cost
