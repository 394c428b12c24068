#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

inline constexpr const char* kFallbackRule =
    "what requests fall back to is computed by the device alone, without a tail";

/// Throws std::invalid_argument where the simulation is not what its fields say it has to be: all
/// errors, a line each.
void check(const Simulation& simulation);

/// The same for an itinerary that requests of the class are to follow in it. REQUIRES: the
/// simulation passes check().
void check_itinerary(const Simulation& simulation, std::size_t request_class,
                     const Itinerary& itinerary);

}  // namespace offcut::engine
