#pragma once

#include "sim/network/attachment.h"
#include "sim/scenario/scenario.h"
#include "sim/training/strategy.h"

namespace offcut::experiment {

/// The system of a scenario as forecasts of training see it: idle, without noise and failures,
/// rates that move at their means.
class TrainingSystem : public training::System {
 public:
  explicit TrainingSystem(const scenario::Scenario& scenario);

  std::size_t devices() const override { return attachment_.devices(); }
  std::size_t levels(std::size_t device) const override;
  std::size_t group_of(std::size_t device) const override { return attachment_.group_of(device); }
  /// The site of level 0 is the device itself.
  std::size_t site_of(std::size_t device, std::size_t level) const override;
  /// Messages over links of their own meet on the uplink that their devices share, or in their
  /// cell.
  Seconds idle_time(const engine::Message& message, std::size_t together) const override;

 private:
  std::size_t tiers_, groups_;
  std::vector<scenario::HopChoice> hops_;
  network::Attachment attachment_;
};

}  // namespace offcut::experiment
