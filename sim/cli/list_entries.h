#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// An entry of a list that `offcut list` shows.
struct ListEntry {
  std::string name;
  std::string doc;
  std::string citation = {};  // Of algorithms, data sets, passes and the like; may be empty.
  std::string growth = {};    // Of algorithms: the growth of their time.
  std::string source = {};    // Of models and devices.
  std::vector<ParameterSpec> parameters = {};
};

/// Returns the entries of a list by name: devices, links, plots, or what a registry has. Empty for
/// other kinds. Throws InputError if offcut's own data is missing.
std::vector<ListEntry> list_entries(const std::string& kind,
                                    const scenario::Registries& registries);

}  // namespace offcut::cli
