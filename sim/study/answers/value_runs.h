#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/study/answers/run_memory.h"
#include "sim/study/answers/size_search.h"

namespace offcut::study {

/// Returns the function with which find_size() runs the points of a sweep, each with all of its
/// replications. `figures` are those of the conditions, then the cost. The arguments must outlive
/// it. Throws, when it is called, InputError if no stable replication of the values has one of the
/// figures.
RunValues values_of_sweep(RunMemory& memory, const std::vector<std::string>& figures);

/// Throws InputError: the runs of the scenario have no value of the figure.
[[noreturn]] void refuse_figure_without_values(const std::string& figure);

/// Returns the points of a sweep in the order of their values, if it varies one parameter over
/// numbers with the same unit, or none; otherwise nothing.
std::optional<std::vector<std::size_t>> points_by_size(const Sweep& sweep);

}  // namespace offcut::study
