#pragma once

#include "models/base/random.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Draws a factor of mean 1.
double draw(const Noise& noise, RandomStream& stream);

/// Returns the standard deviation of the factors.
double deviation(const Noise& noise);

}  // namespace offcut::engine
