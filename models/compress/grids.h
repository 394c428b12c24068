#pragma once

#include "models/compress/rules.h"
#include "models/compress/targets.h"

namespace offcut::compress {

/// Makes the rounding to the grid the target's projection.
void project_to_grid(const Target& target, const Grid& grid, Changes& changes);

/// Does the same with a grid that fits the target's weights.
void project_to_grid(const Network& network, const Target& target, const GridChoice& choice,
                     Changes& changes);

/// The parameter `bits` of passes that quantise, from 2 to 8.
ParameterSpec bits_parameter(int fallback, const std::string& doc = "bits of a weight");

}  // namespace offcut::compress
