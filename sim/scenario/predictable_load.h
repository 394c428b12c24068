#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// Returns the reasons why the waits of the scenario's requests can't be predicted
/// (study/under_load LoadModel), each with what is expected instead; none if they can. Classes
/// whose arrivals are invalid count for nothing.
std::vector<std::string> reasons_unpredictable(const Scenario& scenario);

}  // namespace offcut::scenario
