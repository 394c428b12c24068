#pragma once

#include <span>

#include "models/base/units.h"
#include "models/graph/ids.h"

namespace offcut::training {

/// The parts of a training step on a machine.
struct StepParts {
  Seconds forward, backward, update;
  Seconds all() const { return forward + backward + update; }
};

/// The times of training steps, from the devices' cost models.
class StepTimes {
 public:
  virtual ~StepTimes() = default;
  /// Returns the times of these layers for a batch, on the machine of the level on the way of a
  /// group's devices. An empty span: all layers.
  virtual StepParts of(std::size_t group, std::size_t level, std::int64_t batch,
                       std::span<const LayerId> layers = {}) const = 0;
  /// Returns the time of the way forward alone, as for a loss or an accuracy.
  virtual Seconds forward(std::size_t group, std::size_t level, std::int64_t batch) const = 0;
};

}  // namespace offcut::training
