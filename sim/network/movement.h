#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/base/units.h"

namespace offcut::network {

/// A device moves to a place of its group: see rule 6 of Attachment.
struct Move {
  Seconds time;
  std::size_t place = 0;
};

/// The moves of one device, in the order of time. A move at the time 0 says where it starts.
class Walk {
 public:
  virtual ~Walk() = default;
  /// Returns its next move; none: it stays where it is.
  virtual std::optional<Move> next() = 0;
};

/// The movement of the devices between places. It holds no state of a run, so that one movement
/// serves many runs.
class Movement {
 public:
  virtual ~Movement() = default;
  /// Returns the walk of a device, whose random numbers come from the stream of this seed, its name
  /// and the device; null: it never moves. The movement must outlive the walk.
  virtual std::unique_ptr<Walk> walk(std::size_t device, std::uint64_t seed) const = 0;
};

/// A group of devices, whose numbers follow each other. `moves`: the scenario lets it move.
struct MovingGroup {
  std::string name;
  std::size_t first = 0;
  std::size_t devices = 1;
  std::size_t places = 1;
  bool moves = true;

  bool has(std::size_t device) const { return device >= first && device - first < devices; }
};

/// A move that a scenario states.
struct StatedMove {
  Seconds time;
  std::size_t device = 0;
  std::size_t place = 0;
  Place time_at, device_at, place_at;  // Their positions in the scenario.
};

/// The input of a mobility model.
struct MobilityInput {
  Parameters parameters;
  std::vector<StatedMove> moves;    // Only of a kind that takes them.
  std::vector<MovingGroup> groups;  // All groups, in order.
};

/// A kind of mobility. Registered by one file of sim/network/mobility/.
struct MobilityKind {
  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  bool takes_moves = false;  // The scenario lists moves.
  /// Throws InputError with every error if moves or a file are invalid, and std::invalid_argument
  /// if parameters do not go together.
  std::unique_ptr<Movement> (*make)(const MobilityInput&);
};

/// Generated from sim/network/mobility/*.cpp.
void register_mobility(Registry<MobilityKind>& registry);

}  // namespace offcut::network
