#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/cost/device.h"

namespace offcut::cli {

/// Returns the device once for the runtimes that share its errors, with their names, and once for
/// each runtime with errors of its own.
std::vector<std::pair<std::string, cost::Device>> variants_by_errors(const cost::Device& device);

}  // namespace offcut::cli
