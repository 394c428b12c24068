#pragma once

#include <optional>
#include <vector>

#include "sim/network/rates/trace_files.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// A scenario whose sections are being read: it is handed from section to section.
///
/// Where a section is invalid, harmless values stand in for it, so that every later section is
/// checked. The flags tell such values from known ones: an error that only follows from another one
/// is not reported.
struct ReadSoFar {
  const Registries& registries;
  std::vector<Diagnostic>& diagnostics;
  network::TraceFiles& traces;
  Scenario scenario;
  Catalogue catalogue;                              // With the scenario's own devices and links.
  std::vector<std::optional<MapReader>> own_plans;  // Of the models that have one.

  bool length_known = false;       // The end of the run, and the number of devices.
  bool all_devices_known = true;   // The names of all devices.
  bool all_networks_known = true;  // The names of all links.
  bool sources_known = false;      // Each model has one source.
  bool is_table = false;           // The source of the first model is a layer table.
  bool devices_known = false;      // The first tier.
  bool tiers_known = false;        // The names of all tiers.
  bool tiers_valid = false;        // Everything about the tiers.
  Place devices_place;             // Of the number of devices.
  /// The hops of groups of devices that have a network of their own, by group. Their names follow.
  std::vector<std::optional<HopChoice>> own_hops;

  /// Adds the errors of a file that a section names.
  void add(const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
  }
};

}  // namespace offcut::scenario
