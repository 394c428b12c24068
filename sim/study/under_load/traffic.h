#pragma once

#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::study {

/// The requests of one class at the devices that run one prepared model.
struct Stream {
  std::size_t request_class = 0;
  std::size_t model = 0;  // Of Experiment::models.
  std::size_t group = 0;  // Of devices.
  experiment::DeviceRange devices;
  std::size_t device_count = 1;
  PerSecond rate;  // Of all these devices.
  double scv = 1;  // The squared coefficient of variation of the gaps of one device's requests.
};

/// Returns the streams of a scenario, of which the long-run rates are known. The variability of the
/// gaps is that of 2,000 gaps drawn from a fixed stream. REQUIRES: no class is a closed loop, and
/// each has a rate.
std::vector<Stream> streams_of(const experiment::Experiment& experiment);

}  // namespace offcut::study
