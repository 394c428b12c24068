#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "partition/team.h"

namespace offcut::engine {

/// The work of a tier for a request.
struct Stage {
  bool used = false;  // The tier computes; otherwise it only relays.
  /// The times of 1, 2, ... requests computed together. REQUIRES: at least one.
  std::vector<Seconds> service = {Seconds(0)};
  /// On a tier of unlike machines: the same, by group. Otherwise empty. `service` is then that of
  /// the machines with which plans count.
  std::vector<std::vector<Seconds>> of_groups;
  Seconds tail;            // Tier 0 only: the computation that is left once the answer is back.
  Bytes model;             // The size of the layers' weights, which must be in the server's memory.
  bool has_layers = true;  // If it is used. Otherwise it hands requests over as they are.
  /// The names of its layers, and of those of the tail, for results; empty: they have none.
  std::string layers = {}, tail_layers = {};
};

/// The messages of a request over a leg, which is a hop, or several hops at once.
struct Crossing {
  bool goes_up = false;
  Bytes up_bytes;
  /// If not empty, messages up differ: a request with input i sends element i modulo their number.
  std::vector<Bytes> up_bytes_of_input;
  bool comes_down = false;
  Bytes down_bytes;

  Bytes up_bytes_of(std::int64_t input) const {
    return up_bytes_of_input.empty()
               ? up_bytes
               : up_bytes_of_input[static_cast<std::size_t>(input) % up_bytes_of_input.size()];
  }
};

/// The path of a request through the system: outward over tiers and hops, and back with the answer.
/// Tier 0 are the devices, and hop 0 is theirs, in whatever group they are.
struct Itinerary {
  std::vector<Stage> stages;        // By tier.
  std::vector<Crossing> crossings;  // By leg, see Simulation::long_legs.
  /// By tier: the number in Simulation::itineraries of the one that a request goes on with if no
  /// machine of the tier can compute its stage. It does not use the tier, but goes up from it. None
  /// where the vector ends.
  std::vector<std::optional<std::size_t>> failover;
  /// If not empty, the request's device and its helpers do all of its work, phase by phase: see
  /// partition::Team. Then no tier is used, and no message crosses a hop.
  std::vector<partition::TeamPhase> team = {};
  /// Its requests leave a network with exits in one of several ways, which no policy knows before.
  struct Exit {
    std::uint16_t family = 0;  // The number in Simulation::exit_families.
    std::uint16_t way = 0;     // Its position there.
  };
  std::optional<Exit> exit = {};

  std::optional<std::size_t> failover_of(std::size_t tier) const {
    return tier < failover.size() ? failover[tier] : std::nullopt;
  }
};

/// The ways of the requests of one class and model through a network with exits. They do the same
/// work up to the exit at which a request leaves. Policies predict the mean over the ways that
/// reach a tier, by their odds. Requests on several ways may be in one batch: it takes as long as
/// one of requests that all leave where its last one does, and they leave it together.
struct ExitFamily {
  std::vector<std::size_t> itineraries;  // By way, indices of Simulation::itineraries.
  std::vector<double> odds;              // They add up to 1.
  std::vector<std::string> names;        // Of the exits, for results.
  std::vector<std::size_t> outputs;      // The position of each one among the network's outputs.
  std::size_t request_class = 0;
  std::size_t model = 0;  // Its number, for results.
};

/// Returns an itinerary on which the device computes the whole model alone. `tiers` is the number
/// of tiers in the system, `model` the size of the weights in the device's memory.
Itinerary on_device_alone(Seconds service, std::size_t tiers, Bytes model = Bytes(0));
/// Returns whether only the device computes, without a tail, and nothing crosses a hop.
bool is_on_device_alone(const Itinerary& itinerary);

}  // namespace offcut::engine
