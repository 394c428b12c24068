#include "sim/cli/device_variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::cli {

std::vector<std::pair<std::string, cost::Device>> variants_by_errors(const cost::Device& device) {
  std::vector<std::string> alike = cost::runtime_names(device);
  std::vector<std::pair<std::string, cost::Device>> found;
  if (device.calibration) {
    for (const auto& [runtime, errors] : device.calibration->runtimes) {
      std::erase(alike, runtime);
      found.emplace_back(runtime, cost::with_runtime(device, runtime));
    }
  }
  found.emplace(found.begin(), fmt::format("{}", fmt::join(alike, ", ")), device);
  return found;
}

}  // namespace offcut::cli
