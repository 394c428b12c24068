// Reads a scenario section by section; what a section may rely on of those before it stands in
// ReadSoFar. Another section is a file of sections/ and a line of kSections.

#include <fmt/format.h>

#include <filesystem>

#include "sim/scenario/scenario.h"
#include "sim/scenario/sections/engine_section.h"
#include "sim/scenario/sections/failures_section.h"
#include "sim/scenario/sections/model_section.h"
#include "sim/scenario/sections/network_section.h"
#include "sim/scenario/sections/output_section.h"
#include "sim/scenario/sections/own_kinds_section.h"
#include "sim/scenario/sections/plan_section.h"
#include "sim/scenario/sections/scheduling_section.h"
#include "sim/scenario/sections/stop_section.h"
#include "sim/scenario/sections/tiers_section.h"
#include "sim/scenario/sections/workload_section.h"

namespace offcut::scenario {
namespace {

namespace fs = std::filesystem;

using ReadSection = void (*)(MapReader& top, ReadSoFar& so_far);

/// In the order in which they rely on each other; resolved.yaml has the same.
constexpr ReadSection kSections[] = {read_stop,           read_own_kinds,     read_models,
                                     read_tiers,          read_network,       read_scheduling,
                                     read_failures,       read_plans,         read_workload,
                                     read_engine_section, read_output_section};

/// What the file's name gives the scenario: a name for its folder of results.
std::string scenario_name(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  return stem.find_first_not_of('.') == std::string::npos ? "scenario" : stem;
}

Scenario read_sections(const YamlNode& root, const std::string& path, const Registries& registries,
                       std::vector<Diagnostic>& diagnostics) {
  ReadSoFar so_far{.registries = registries, .diagnostics = diagnostics};
  so_far.catalogue = read_catalogue();
  Scenario& scenario = so_far.scenario;
  scenario.path = path;
  scenario.name = scenario_name(path);
  MapReader top(root, "", diagnostics, scenario.resolved);
  top.integer("offcut", {}, {.least = 1, .most = 1});
  scenario.title = top.text("name", scenario.name);
  scenario.seed = static_cast<std::uint64_t>(top.integer("seed", 1, {.least = 0, .most = 0x1p53}));
  for (const ReadSection read : kSections) {
    read(top, so_far);
  }
  top.done();
  return std::move(scenario);
}

}  // namespace

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics) {
  YamlNode root = read_yaml(path, diagnostics);
  for (const Override& change : overrides) {
    try {
      if (!change.dimension.empty() && root.find("models") != nullptr) {
        throw InputError(
            Place{change.option()},
            fmt::format("the scenario has 'models': expected --set models.NAME.bind.{}={}",
                        change.dimension, change.value));
      }
      set_path(root, change.keys(), change.value, {change.option()});
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  Scenario scenario = read_sections(root, path, registries, diagnostics);
  sort_by_place(diagnostics, path);
  return scenario;
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  Scenario scenario = read_scenario(path, overrides, registries, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return scenario;
}

}  // namespace offcut::scenario
