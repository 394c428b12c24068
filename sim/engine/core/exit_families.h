#pragma once

#include "sim/engine/core/route.h"

namespace offcut::engine {

/// Returns the first error in the families of exits; empty if there is none: each way must name an
/// itinerary that names it, and the odds must add up to 1.
std::string error_in_families(const Simulation& simulation);

/// Sets what policies predict for requests of a way through a network with exits: means over the
/// ways of its family that compute on the tier, by their odds. REQUIRES: the route's itinerary is a
/// way; route_of() made the route.
void predict_ways(const Simulation& simulation, Route& route);

}  // namespace offcut::engine
