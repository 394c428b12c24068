#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

inline constexpr const char* kFallbackRule =
    "what requests fall back to is computed by the device alone, without a tail";

/// Throws std::invalid_argument, with a line for each error, if the simulation violates what its
/// fields require.
void check(const Simulation& simulation);

/// The same for an itinerary that requests of the class will follow in it. REQUIRES: the
/// simulation passes check().
void check_itinerary(const Simulation& simulation, std::size_t request_class,
                     const Itinerary& itinerary);

}  // namespace offcut::engine
