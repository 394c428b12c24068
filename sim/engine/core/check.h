#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

inline constexpr const char* kFallbackRule =
    "a fallback must be computed by the device alone, without a tail";

/// Throws std::invalid_argument, with a line for each error, if the simulation violates what its
/// fields require. With a director, a run may have no Stop.
void check(const Simulation& simulation, bool has_director = false);

/// Does the same for an itinerary that requests of the class will follow in the simulation.
/// REQUIRES: the simulation passes check().
void check_itinerary(const Simulation& simulation, std::size_t request_class, std::size_t group,
                     const Itinerary& itinerary);

}  // namespace offcut::engine
