#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// What a tile of a fused stack asks for (models/parallel/tile.h counts it).
struct TileNeeds {
  double work = 0;  // multiply-accumulates, or seconds on a device of speed 1
  Bytes input;
  Bytes output;
  Bytes memory;  // activations and weights, while it runs
};

/// A device that runs tiles, one after the other.
struct TileDevice {
  std::string name;
  double speed = 0;          // of that work a second
  BytesPerSecond bandwidth;  // to the first device, each way
  Bytes memory;
};

/// Tiles of one stack over several devices. The first one has the image and gathers the output; the
/// others receive a tile's input, compute, and send its output back, one after the other, each on a
/// link of its own.
///
/// Invariants (check() throws std::logic_error): at least one device; speeds and bandwidths are
/// positive, all else is finite and not negative.
struct TileProblem {
  std::vector<TileNeeds> tiles;
  std::vector<TileDevice> devices;

  void check() const;
};

/// Seconds from receiving to sending back; none where the device has too little memory.
std::optional<Seconds> tile_seconds(const TileProblem& problem, std::size_t tile,
                                    std::size_t device);

/// The device of each tile, and when the last of them is done.
struct TileSchedule {
  std::vector<std::size_t> device_of;
  Seconds makespan;
  Seconds bound;  // no schedule is shorter
};

/// Devices take the next tile when they are free (Zhao et al., DeepThings, IEEE TCAD 37(11), 2018,
/// work stealing, here with a device that knows whether it has the memory): the tiles in
/// their order, each to the device that is free first. None where a tile fits nowhere.
/// O(tiles * devices). REQUIRES: problem.check() holds.
std::optional<TileSchedule> steal_tiles(const TileProblem& problem);

/// The schedule of least makespan, by branch and bound from steal_tiles(): large tiles first, equal
/// devices and equal tiles tried once. NP-hard (scheduling on unrelated machines), so the search
/// ends after `most_steps` with the best so far; it is the optimum where makespan == bound.
/// REQUIRES: problem.check() holds.
std::optional<TileSchedule> schedule_tiles(const TileProblem& problem, double most_steps);

}  // namespace offcut::partition
