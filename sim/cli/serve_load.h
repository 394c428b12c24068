#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "sim/scenario/scenario.h"
#include "sim/workload/arrivals.h"

namespace offcut::cli {

/// The load that a device asks for.
struct ServedLoad {
  enum class Kind { closed, share, rate, trace, scenario };
  Kind kind = Kind::closed;
  std::string text;                                    // As it was given.
  double share = 0;                                    // Of the bottleneck's capacity.
  PerSecond rate;                                      // Set later for a share.
  std::shared_ptr<const workload::Arrivals> arrivals;  // Null for a share, until the rate is known.
};

/// Reads --load: "closed", "80 %", "20 /s" or a trace (.csv). Adds an error if it is neither.
ServedLoad read_load(const std::string& text, const scenario::Registries& registries,
                     std::vector<Diagnostic>& diagnostics);

/// Returns Poisson arrivals of that rate.
std::shared_ptr<const workload::Arrivals> poisson(PerSecond rate,
                                                  const scenario::Registries& registries);

}  // namespace offcut::cli
