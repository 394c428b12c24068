#pragma once

#include <memory>
#include <span>
#include <vector>

#include "partition/deployment.h"
#include "sim/engine/controller.h"
#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// The itineraries of a class's requests at the devices that run one prepared model, by their
/// indices in Simulation::itineraries.
struct Paths {
  DeviceRange devices;
  std::vector<std::size_t> planned;  // By variant of the deployment; one without a deployment.
  std::size_t fallback = 0;
  std::optional<partition::Deployment> deployment = {};
  std::size_t model = 0;  // The prepared model, of Experiment::models.
  /// The variant of requests by their input, modulo its size; empty: the deployment says it.
  std::vector<std::uint16_t> way_of_input = {};
};

/// By class; each device is in one of its class's ranges.
using PathTable = std::vector<std::vector<Paths>>;

/// Returns the paths at the device. Throws std::logic_error if there are none.
const Paths& paths_at(const std::vector<Paths>& ranges, std::size_t device);

/// Returns the controller under which each request follows the plan of the model that its class
/// runs at its device: the variant that the deployment names for it, in turn, by its device or at
/// random. The itineraries must not move while it is in use.
std::unique_ptr<engine::Controller> plan_controller(const engine::Simulation& simulation,
                                                    PathTable paths);

}  // namespace offcut::experiment
