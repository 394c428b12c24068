#pragma once

#include <vector>

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// The parameter of a process that takes the rows of a class.
inline constexpr const char* kClassParameter = "class";

/// Returns whether the numbers of all groups' devices are valid.
bool all_counts_known(const Scenario& scenario);

/// The rows of a class in a file of arrivals that no class of the workload takes are an error.
void check_rows_taken(MapReader& workload, const std::vector<ClassChoice>& choices);

/// Checks that some class runs each model and comes from each group of devices, that each device
/// with rows in a file of arrivals sends requests, and that the run ends. REQUIRES: all classes
/// are valid.
void check_workload(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
