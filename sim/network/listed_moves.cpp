// Checks the rows of moves against the groups of devices: a device must exist and belong to a group
// that moves, and its group must have the site.

#include "sim/network/listed_moves.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::network {
namespace {

/// Returns the group of a device, or null if it does not exist.
const MovingGroup* group_of(const std::vector<MovingGroup>& groups, std::size_t device) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [device](const MovingGroup& group) { return group.has(device); });
  return found == groups.end() ? nullptr : &*found;
}

}  // namespace

std::string reason_no_device(const std::vector<MovingGroup>& groups, std::size_t device) {
  const MovingGroup* group = group_of(groups, device);
  if (group == nullptr) {
    return fmt::format("{} is not in the scenario, whose last device is {}", device,
                       groups.back().first + groups.back().devices - 1);
  }
  if (!group->moves) {
    const auto moving = std::find_if(groups.begin(), groups.end(),
                                     [](const MovingGroup& other) { return other.moves; });
    return fmt::format("{} belongs to the group {}, which does not move: expected {} to {}, of {}",
                       device, in_quotes(group->name), moving->first,
                       moving->first + moving->devices - 1, in_quotes(moving->name));
  }
  return "";
}

std::string reason_no_place(const std::vector<MovingGroup>& groups, std::size_t device,
                            std::size_t place) {
  const MovingGroup* group = group_of(groups, device);
  if (group == nullptr || place < group->places) {
    return "";
  }
  return fmt::format("site {} does not exist: expected 0 to {}", place, group->places - 1);
}

}  // namespace offcut::network
