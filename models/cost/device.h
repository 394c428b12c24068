#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::cost {

/// The shares of a device's peaks that layers reach, software included. They may exceed 1 if the
/// software does less than the layer's nominal work: Winograd convolutions, half precision.
struct Efficiency {
  double convolution = 1;
  double convolution_3x3 = 1;  // Stride 1 only: Winograd's algorithm computes these.
  double depthwise_convolution = 1;
  double dense = 1;
  double memory = 1;  // The share of the memory bandwidth, for all layers.
};

/// An accelerator's own memory, which keeps weights between runs: weights that do not fit come over
/// the host's link in every run.
struct OnChipMemory {
  Bytes size;
  BytesPerSecond link;
  Bytes weight;  // The size of one weight in this memory.
};

/// A clock that the device can be set to.
struct FrequencyLevel {
  std::string name;
  double peak = 1;  // Share of the device's peak.
  Watts busy;
};

/// The accuracy of the device's model for a network that it was not fitted to: |predicted /
/// measured
/// - 1| of each measured network, from a fit to the others. A single network gives no errors.
struct Calibration {
  int models = 0;
  std::optional<double> median_error;
  std::optional<double> worst_error;
};

/// A kind of machine that runs layers: the figures of its datasheet and the shares of them that
/// layers reach. REQUIRES: peak, memory bandwidth, the link's bandwidth and the efficiencies are
/// above 0, all other numbers at least 0.
struct Device {
  std::string name;
  std::string about;
  std::string source;   // The source of each figure.
  FlopsPerSecond peak;  // For float32.
  BytesPerSecond memory_bandwidth;
  Bytes memory;
  Efficiency efficiency;
  Seconds layer_overhead;  // The time of every kernel in addition to its work.
  // The time in which the host launches a kernel, while the device runs the previous one; no kernel
  // takes less.
  Seconds launch;
  std::optional<Watts> idle;  // None: unknown.
  std::optional<Watts> busy;
  double pue = 1;  // The power of the site, divided by that of its machines.
  std::optional<OnChipMemory> on_chip;
  std::vector<FrequencyLevel> frequencies;
  std::optional<Calibration> calibration;  // None if the figures are from a datasheet.
};

}  // namespace offcut::cost
