#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The groups of a tier's machines, by the machines' numbers: site by site, and at a site group by
/// group. Machines that are all alike are one group.
class MachineGroups {
 public:
  explicit MachineGroups(const Tier& tier) : all_(groups_of(tier)) {
    for (std::size_t site = 0; !tier.groups.empty() && site < tier.sites; ++site) {
      for (std::size_t group = 0; group < all_.size(); ++group) {
        of_machine_.insert(of_machine_.end(), all_[group].at_site[site],
                           static_cast<std::uint16_t>(group));
      }
    }
  }

  bool are_unlike() const { return !of_machine_.empty(); }
  std::size_t size() const { return all_.size(); }
  const MachineGroup& operator[](std::size_t group) const { return all_[group]; }
  std::size_t group_of(std::size_t machine) const {
    return of_machine_.empty() ? 0 : of_machine_[machine];
  }
  const MachineGroup& of(std::size_t machine) const { return all_[group_of(machine)]; }
  std::size_t machines(std::size_t group) const {
    std::size_t count = 0;
    for (const std::size_t machines : all_[group].at_site) {
      count += machines;
    }
    return count;
  }

 private:
  std::vector<MachineGroup> all_;
  std::vector<std::uint16_t> of_machine_;  // Empty if all machines are alike.
};

}  // namespace offcut::engine
