#pragma once

#include <string>
#include <vector>

#include "sim/network/faults.h"

namespace offcut::scenario {

/// Reads a trace of outages: a CSV file with the columns `time_s`, `which` (from 0) and `state` (up
/// or down), in the order of time. All components are up at the start, and one that is down at the
/// end never comes up again. `component`
/// is "machine" or "link", and `count` their number. Throws InputError with every error and its
/// line.
std::vector<network::Outage> read_outage_trace(const std::string& path,
                                               const std::string& component, std::size_t count);

}  // namespace offcut::scenario
