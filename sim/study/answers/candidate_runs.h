#pragma once

#include <string>
#include <vector>

#include "sim/study/answers/racing.h"
#include "sim/study/answers/run_memory.h"

namespace offcut::study {

/// Returns the function with which race() runs the points of a sweep as candidates. A run has no
/// value if it is not stable, or lacks one of the figures. The arguments must outlive it. Throws,
/// when it is called, InputError if runs are stable, but none so far has a value of a figure.
RunCandidates runs_of_candidates(RunMemory& memory, const std::string& goal, bool less_is_better,
                                 const std::vector<Condition>& conditions);

/// Returns why a run has no value: "saturated", or its outcome or error.
std::string reason_without_value(const RememberedRun& run);

}  // namespace offcut::study
