#pragma once

#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"

namespace offcut::train {

/// Where a run is.
struct Progress {
  std::int64_t step = 0;   // Steps done before this one.
  std::int64_t steps = 1;  // Of the whole run.
  std::int64_t steps_per_epoch = 1;
};

/// A course of the learning rate, as a factor of the rate that the user gives. Several schedules
/// are multiplied: a warm-up before a cosine.
struct ScheduleKind {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters = {};
  double (*factor)(const Parameters&, const Progress&);
};

void register_schedules(Registry<ScheduleKind>& registry);  // From models/train/schedules.

}  // namespace offcut::train
