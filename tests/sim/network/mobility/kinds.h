#pragma once

#include <string>
#include <vector>

#include "sim/network/movement.h"

namespace offcut::network {

/// Makes the registered movement of that name.
inline std::unique_ptr<Movement> make_movement(const std::string& name,
                                               const MobilityInput& input) {
  Registry<MobilityKind> registry;
  register_mobility(registry);
  return registry.find(name)->make(input);
}

/// Returns the moves of a device until a time.
inline std::vector<Move> moves_until(const Movement& movement, std::size_t device, double end,
                                     std::uint64_t seed = 1) {
  std::vector<Move> moves;
  const auto walk = movement.walk(device, seed);
  for (auto move = walk != nullptr ? walk->next() : std::nullopt; move && move->time.si() <= end;
       move = walk->next()) {
    moves.push_back(*move);
  }
  return moves;
}

/// One group of so many devices and places.
inline std::vector<MovingGroup> one_group(std::size_t devices, std::size_t places) {
  return {{.name = "phone", .first = 0, .devices = devices, .places = places}};
}

}  // namespace offcut::network
