// Chooses among the precisions and runtimes of a device. A precision is a device by itself, which
// takes name and runtimes from the one that lists it.
#include "models/cost/device.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::cost {

Device in_precision(const Device& device, const std::string& precision) {
  if (device.precision == precision) {
    return device;
  }
  const auto found =
      std::find_if(device.precisions.begin(), device.precisions.end(),
                   [&](const Device& other) { return other.precision == precision; });
  if (found == device.precisions.end()) {
    throw std::invalid_argument("the device has no precision '" + precision + "'");
  }
  Device chosen = *found;
  chosen.name = device.name;
  chosen.runtime = device.runtime;
  chosen.runtimes = device.runtimes;
  return chosen;
}

Device with_runtime(const Device& device, const std::string& runtime) {
  Device chosen = device;
  const auto found = std::find_if(device.runtimes.begin(), device.runtimes.end(),
                                  [&](const Runtime& other) { return other.name == runtime; });
  if (found != device.runtimes.end()) {
    chosen.runtime = *found;
    if (chosen.calibration && chosen.calibration->runtimes.contains(runtime)) {
      chosen.calibration = Calibration(device.calibration->runtimes.at(runtime));
    }
  } else if (runtime != device.runtime.name && !runtime.empty()) {
    throw std::invalid_argument("the device has no runtime '" + runtime + "'");
  }
  return chosen;
}

std::vector<std::string> precision_names(const Device& device) {
  std::vector<std::string> names = {device.precision};
  for (const Device& other : device.precisions) {
    names.push_back(other.precision);
  }
  return names;
}

std::vector<std::string> runtime_names(const Device& device) {
  std::vector<std::string> names;
  if (!device.runtime.name.empty()) {
    names.push_back(device.runtime.name);
  }
  for (const Runtime& other : device.runtimes) {
    names.push_back(other.name);
  }
  return names;
}

}  // namespace offcut::cost
