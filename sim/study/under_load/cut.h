#pragma once

#include <optional>
#include <vector>

#include "partition/algorithm.h"
#include "sim/engine/itinerary.h"
#include "sim/experiment/experiment.h"

namespace offcut::study {

/// A cut of a model, with the times and sizes that the engine will use.
struct Cut {
  partition::Plan plan;
  /// On each tier with the times of batches up to the largest one that a search tries there.
  engine::Itinerary itinerary;
  std::vector<std::vector<std::size_t>> long_legs;  // See engine::Simulation.

  struct Message {
    Bytes bytes;
    std::vector<std::size_t> hops;  // That it crosses at once.
  };
  /// Returns the message that crosses the hop in that direction. Hops have the numbers that they
  /// have on the way of a request.
  std::optional<Message> message(std::size_t hop, bool up) const;
};

/// Returns the plan's cut of the model.
Cut cut_of(const experiment::PreparedModel& model, const partition::Plan& plan);

}  // namespace offcut::study
