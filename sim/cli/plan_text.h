#pragma once

#include <string>

#include "partition/algorithm.h"

namespace offcut::cli {

/// Returns the layers of each tier in one line: "device conv1..pool5 (15), cloud fc6..prob (9)".
std::string placement(const partition::Problem& problem, const partition::Assignment& tier_of,
                      const partition::CodecOf& codecs = {});
std::string placement(const partition::Problem& problem, const partition::Plan& plan);
/// Adds the memory that the layers need on each tier, if it is known:
/// "device conv1..pool5 (15, 9.46 MB), cloud fc6..prob (6, 234 MB)".
std::string placement_with_memory(const partition::Problem& problem, const partition::Plan& plan);

/// Returns the figure by which the plan's algorithm judges it, if that is another one than the
/// latency of a request, or its mean: "makespan 242 ms".
std::string measure_text(const partition::Plan& plan);

/// Names the objective: "latency", "energy", "money", "longest stage" or "weighted sum".
std::string objective_name(const partition::Objective& objective);

}  // namespace offcut::cli
