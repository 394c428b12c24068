#pragma once

#include <string>

#include "models/base/units.h"

namespace offcut {

/// Shares of a device's peaks that layers reach, software included. May exceed 1 where the software
/// does less than the layer's nominal work: Winograd convolutions, half precision.
struct Efficiency {
  double convolution = 1;
  double depthwise_convolution = 1;
  double dense = 1;
  double memory = 1;  // share of the memory bandwidth, whatever the layer
};

/// A kind of machine that layers run on: what its datasheet promises, and how much of that is
/// reached. REQUIRES of those who fill one: peak, memory bandwidth and efficiencies above 0, the
/// rest not negative.
struct Device {
  std::string name;
  std::string about;
  std::string source;   // where each figure comes from
  FlopsPerSecond peak;  // float32
  BytesPerSecond memory_bandwidth;
  Bytes memory;
  Efficiency efficiency;
  Seconds layer_overhead;  // spent on each layer whatever its size: dispatch, kernel launch
  Watts idle;
  Watts busy;
};

}  // namespace offcut
