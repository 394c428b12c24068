#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::cost {

/// Shares of a device's peaks that layers reach, software included. May exceed 1 where the software
/// does less than the layer's nominal work: Winograd convolutions, half precision.
struct Efficiency {
  double convolution = 1;
  double convolution_3x3 = 1;  // of stride 1: those that Winograd's algorithm is used for
  double depthwise_convolution = 1;
  double dense = 1;
  double memory = 1;  // share of the memory bandwidth, whatever the layer
};

/// An accelerator's own memory, which keeps weights from one run to the next: what does not fit
/// comes over the host's link each time.
struct OnChipMemory {
  Bytes size;
  BytesPerSecond link;
  Bytes weight;  // what one weight takes there
};

/// A clock that the device can be set to.
struct FrequencyLevel {
  std::string name;
  double peak = 1;  // share of the device's
  Watts busy;
};

/// How well the device's model predicts a network that it was not fitted to: |predicted / measured
/// - 1| of each measured network, from a fit to the others. Without errors where there is but one.
struct Calibration {
  int models = 0;
  std::optional<double> median_error;
  std::optional<double> worst_error;
};

/// A kind of machine that layers run on: what its datasheet promises, and how much of that is
/// reached. REQUIRES of those who fill one: peak, memory bandwidth, the link's bandwidth and
/// efficiencies above 0, the rest not negative.
struct Device {
  std::string name;
  std::string about;
  std::string source;   // where each figure comes from
  FlopsPerSecond peak;  // float32
  BytesPerSecond memory_bandwidth;
  Bytes memory;
  Efficiency efficiency;
  Seconds layer_overhead;  // spent on each kernel whatever its size
  Seconds launch;  // of a kernel by the host, while the device is at the one before: the least time
  Watts idle;
  Watts busy;
  std::optional<OnChipMemory> on_chip;
  std::vector<FrequencyLevel> frequencies;
  std::optional<Calibration> calibration;  // none: from a datasheet
};

}  // namespace offcut::cost
