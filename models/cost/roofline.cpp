#include "models/cost/roofline.h"

#include <algorithm>
#include <stdexcept>

namespace offcut {
namespace {

constexpr double kFlopPerMac = 2;  // one multiplication, one addition

double compute_efficiency(const Efficiency& efficiency, LayerKind kind) {
  switch (kind) {
    case LayerKind::convolution:
      return efficiency.convolution;
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
  throw std::invalid_argument("a layer from a table has its times there, not from a roofline");
}

}  // namespace

Seconds layer_time(const Device& device, const LayerWork& work) {
  const double reached = compute_efficiency(device.efficiency, work.kind);
  if (work.kind == LayerKind::view) {
    return Seconds(0);
  }
  const Seconds arithmetic = Flops(kFlopPerMac * work.macs) / (device.peak * reached);
  const Seconds traffic = Bytes(work.parameter_bytes + work.activation_bytes) /
                          (device.memory_bandwidth * device.efficiency.memory);
  return std::max(arithmetic, traffic) + device.layer_overhead;
}

}  // namespace offcut
