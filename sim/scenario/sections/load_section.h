#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// The keys of the scenario's `plan` that say what is planned under load, with those after them.
extern const KeyTable kLoadKeys;
inline constexpr const char* kLoadNames[] = {"under", "scheduling", "minimise"};

/// Reads them into Scenario::under_load. `plan` is the map of the scenario's plan.
void read_load(MapReader& plan, ReadSoFar& so_far);

bool is_load_key(std::string_view key);

/// Returns whether the plan is to be made under load, also if that is misspelt. It has no effect on
/// what is read.
bool is_under_load(const MapReader& plan);

/// Checks that the load of the whole scenario can be predicted, once all sections are read.
void check_load(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
