#pragma once

#include <string>

#include "partition/algorithm.h"

namespace offcut::cli {

/// Which layers are where, in one line: "device conv1..pool5 (15), cloud fc6..prob (9)".
std::string placement(const Problem& problem, const Assignment& tier_of);
std::string placement(const Problem& problem, const Plan& plan);

}  // namespace offcut::cli
