#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// The needs of a tile of a fused stack (models/parallel/tile.h counts them).
struct TileNeeds {
  double work = 0;  // Multiply-accumulates, or seconds on a device of speed 1.
  Bytes input;
  Bytes output;
  Bytes memory;  // Activations and weights while it runs.
};

/// A device that runs tiles, one after the other.
struct TileDevice {
  std::string name;
  double speed = 0;          // Work per second.
  BytesPerSecond bandwidth;  // To the first device, each way.
  Bytes memory;
};

/// The problem of running the tiles of one stack on several devices. The first one has the image
/// and gathers the output; the others receive a tile's input, compute, and send its output back,
/// one tile after the other, each device on a link of its own.
///
/// Invariants (check() throws std::logic_error): there is at least one device; speeds and
/// bandwidths are positive, all other values are finite and not negative.
struct TileProblem {
  std::vector<TileNeeds> tiles;
  std::vector<TileDevice> devices;

  void check() const;
};

/// Returns the time from receiving to sending back; none if the device has too little memory.
std::optional<Seconds> tile_seconds(const TileProblem& problem, std::size_t tile,
                                    std::size_t device);

/// The device of each tile, and the time when the last tile is done.
struct TileSchedule {
  std::vector<std::size_t> device_of;
  Seconds makespan;
  Seconds bound;  // No schedule is shorter.
};

/// Returns the schedule in which devices take the next tile when they are free: the tiles in their
/// order, each on the device that is free first (work stealing of Zhao et al., DeepThings, IEEE
/// TCAD 37(11), 2018; here, a device knows whether it has the memory). None if a tile fits nowhere.
/// O(tiles * devices). REQUIRES: problem.check() holds.
std::optional<TileSchedule> steal_tiles(const TileProblem& problem);

/// Returns the schedule of least makespan, by branch and bound from steal_tiles(): large tiles
/// first, and equal devices and equal tiles only once. The problem is NP-hard (scheduling on
/// unrelated machines), so the search ends after `most_steps` with the best schedule so far; it is
/// the optimum if makespan == bound. REQUIRES: problem.check() holds.
std::optional<TileSchedule> schedule_tiles(const TileProblem& problem, double most_steps);

}  // namespace offcut::partition
