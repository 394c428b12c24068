// Layer times by the roofline model. Each kind of layer reaches its own share of the device's peak;
// fused layers and views are free; weights that do not fit on an accelerator's chip are streamed.
#include "models/cost/roofline.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::cost {
namespace {

constexpr double kFlopPerMac = 2;  // One multiplication and one addition.

double compute_efficiency(const Efficiency& efficiency, const KernelWork& kernel) {
  switch (kernel.layer.kind) {
    case LayerKind::convolution:
      return kernel.is_3x3 ? efficiency.convolution_3x3 : efficiency.convolution;
    case LayerKind::dense:
      return efficiency.dense;
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
  const double reached = compute_efficiency(device.efficiency, kernel);
  if (work.kind == LayerKind::view || kernel.is_fused) {
    return Seconds(0);
  }
  const Seconds arithmetic = Flops(kFlopPerMac * work.macs * batch) / (device.peak * reached);
  const Seconds traffic = Bytes(work.parameter_bytes + work.activation_bytes * batch) /
                          (device.memory_bandwidth * device.efficiency.memory);
  return std::max(std::max(arithmetic, traffic) + device.layer_overhead, device.launch);
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
  for (const KernelWork& kernel : kernels_of(graph)) {
    const Seconds alone = kernel_time(device, kernel, batch);
    times.push_back(stream ? std::max(alone, stream->time_of(kernel.layer)) : alone);
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
