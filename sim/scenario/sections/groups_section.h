#pragma once

#include <list>
#include <string>
#include <vector>

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kGroupsKeys;

/// The maps of a tier's groups, in which the keys of the tier stand for those that a group lacks.
class GroupMaps {
 public:
  /// Notes an error for a key of the tier that each group has, too. `own` are the tier's keys that
  /// are no defaults. REQUIRES: the tier has `groups`.
  GroupMaps(MapReader& tier, const std::vector<std::string>& own);

  /// Returns the names of the groups, each of which is valid or has an error.
  const std::vector<std::string>& names() const { return names_; }
  /// Returns the reader of a group. REQUIRES: called once for each name.
  MapReader reader(const std::string& name);
  const MapReader& groups() const { return groups_; }
  /// Reports the keys that no group may have.
  void done() { groups_.done(); }

 private:
  MapReader groups_;
  std::vector<std::string> names_;
  std::list<YamlNode> merged_;  // Readers refer to them. In the order of the names.
};

/// Removes the errors from `first` on that say of a later group what was said of an earlier one:
/// those about a default, which stands for both.
void remove_repeated(std::vector<Diagnostic>& diagnostics, std::size_t first);

/// Reads the numbers of machines of a group at each site, or divides them equally. Returns none
/// after an error.
std::vector<std::size_t> read_at_sites(MapReader& group, std::size_t count, std::size_t sites);

/// Returns the machines of all sites.
std::size_t sum_of(const std::vector<std::size_t>& at_sites);

}  // namespace offcut::scenario
