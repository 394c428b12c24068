#pragma once

#include <string>
#include <utility>

#include "models/base/parameters.h"

namespace offcut::workload {

/// The parameter and ArrivalKind::rate of an arrival process whose mean rate is a parameter.
inline ParameterSpec rate_parameter(std::string doc = "mean requests per second of each device") {
  return {.name = "rate",
          .dimension = Dimension::rate,
          .least = 1e-9,
          .most = 1e9,
          .doc = std::move(doc)};
}
inline PerSecond stated_rate(const Parameters& p) { return PerSecond(p.at("rate")); }

}  // namespace offcut::workload
