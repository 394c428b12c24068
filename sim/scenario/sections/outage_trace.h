#pragma once

#include <string>
#include <vector>

#include "sim/network/faults.h"

namespace offcut::scenario {

/// Reads when machines or links went down and came up, a CSV file with the columns `time_s`,
/// `which` (from 0) and `state` (up or down), in the order of time. All are up at the start, and
/// come up again in the end. `thing` ("machine", "link") and `count` say of what and how many there
/// are. Throws InputError with every error and its line.
std::vector<network::Outage> read_outage_trace(const std::string& path, const std::string& thing,
                                               std::size_t count);

}  // namespace offcut::scenario
