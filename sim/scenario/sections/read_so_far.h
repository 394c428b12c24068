#pragma once

#include <optional>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// A scenario whose sections are being read: it is handed from section to section.
///
/// What an invalid section should have said is there all the same, as something harmless, so that
/// every later section is checked. The flags say what is harmless and what is known: an error that
/// only follows from another one is not reported.
struct ReadSoFar {
  const Registries& registries;
  std::vector<Diagnostic>& diagnostics;
  Scenario scenario;
  Catalogue catalogue;                              // with the scenario's own devices and networks
  std::vector<std::optional<MapReader>> own_plans;  // of the models, as far as they have one

  bool length_known = false;       // when the run ends, and how many devices there are
  bool all_devices_known = true;   // the names of the catalogue
  bool all_networks_known = true;  // likewise
  bool sources_known = false;      // each model has one source
  bool is_table = false;           // the first one's is a layer table
  bool devices_known = false;      // all of the first tier
  bool tiers_known = false;        // which there are
  bool tiers_valid = false;        // and all that they say
  Place devices_place;             // where the scenario says how many devices there are

  /// Notes the errors of a file that a section names.
  void add(const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
  }
};

}  // namespace offcut::scenario
