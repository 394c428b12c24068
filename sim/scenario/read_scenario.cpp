// Reads a scenario section by section. ReadSoFar carries the results on which later sections rely.
// A new section is a file of sections/, a line of kSections and a key of kScenario.

#include "sim/scenario/read_scenario.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/scenario/moving_rates.h"
#include "sim/scenario/former_parameters.h"
#include "sim/scenario/override_names.h"
#include "sim/scenario/sections/adapt_section.h"
#include "sim/scenario/sections/beliefs_section.h"
#include "sim/scenario/sections/device_traces_section.h"
#include "sim/scenario/sections/engine_section.h"
#include "sim/scenario/sections/failures_section.h"
#include "sim/scenario/sections/load_section.h"
#include "sim/scenario/sections/mobility_section.h"
#include "sim/scenario/sections/model_section.h"
#include "sim/scenario/sections/network_section.h"
#include "sim/scenario/sections/output_section.h"
#include "sim/scenario/sections/own_kinds_section.h"
#include "sim/scenario/sections/plan_section.h"
#include "sim/scenario/sections/scheduling_section.h"
#include "sim/scenario/sections/statistics_section.h"
#include "sim/scenario/sections/stop_section.h"
#include "sim/scenario/sections/tiers_section.h"
#include "sim/scenario/sections/training_section.h"
#include "sim/scenario/sections/updates_section.h"
#include "sim/scenario/sections/workload_section.h"

namespace offcut::scenario {
namespace {

namespace fs = std::filesystem;

using ReadSection = void (*)(MapReader& top, ReadSoFar& so_far);

/// In the order in which they rely on each other, which is also that of resolved.yaml.
constexpr ReadSection kSections[] = {read_stop,
                                     read_own_kinds,
                                     read_models,
                                     read_tiers,
                                     read_network,
                                     read_scheduling,
                                     read_failures,
                                     set_moving_rates,
                                     set_device_traces,
                                     read_training,
                                     read_plans,
                                     read_workload,
                                     read_engine_section,
                                     read_mobility,
                                     read_updates,
                                     read_output_section,
                                     read_statistics_section,
                                     check_load,
                                     read_beliefs,
                                     read_adapt};

constexpr KeySpec kScenario[] = {
    {.name = "offcut",
     .kind = ValueKind::whole,
     .bounds = {1, 1},
     .doc = "The version of the format.",
     .example = "offcut: 1"},
    {.name = "scenario",
     .kind = ValueKind::text,
     .absent = "the file's name without its ending",
     .doc = "The name of the scenario in results, and of their folder. `resolved.yaml` has it.",
     .example = "scenario: quickstart"},
    {.name = "name",
     .kind = ValueKind::text,
     .absent = "the file's name without its ending",
     .doc = "A title, for the first line of a run's report.",
     .example = "name: cameras over LTE"},
    {.name = "seed",
     .kind = ValueKind::whole,
     .bounds = {0, 0x1p53},
     .fallback = "1",
     .doc = "The seed of all that is random. The same seed gives the same results.",
     .example = "seed: 7"},
    {.name = "stop",
     .below = &kStopKeys,
     .absent = "required without `training`, whose end is then that of the run",
     .doc = "The end of the run.",
     .example = "stop: {requests: 1000}"},
    {.name = "model",
     .below = &kModelKeys,
     .absent = "required without `models`, and if `training` names no network",
     .doc = "The network.",
     .example = "model: {zoo: alexnet}"},
    {.name = "tiers",
     .below = &kTiersKeys,
     .doc = "The machines, tier by tier, from the devices inwards.",
     .example = "tiers: {device: {is: jetson-nano, count: 10}, edge: {is: t4}}"},
    {.name = "network",
     .below = &kNetworkKeys,
     .absent = "required with several tiers",
     .doc = "The links between the tiers.",
     .example = "network: {device-edge: {is: wifi}}"},
    {.name = "plan",
     .below = &kPlanKeys,
     .absent = "required unless every model has a `plan`, or the scenario only trains",
     .doc = "The plan of the models, and the algorithms with which it is compared.",
     .example = "plan: {algorithm: exact, compare: cloud-only}"},
    {.name = "workload",
     .below = &kWorkloadKeys,
     .absent = "required without `training`",
     .doc = "The requests.",
     .example = "workload: {arrivals: poisson, rate: 2 /s}"},
    {.name = "scheduling",
     .below = &kSchedulingKeys,
     .absent = "all of its defaults",
     .doc = "The policies by which tiers serve requests.",
     .example = "scheduling: {edge: {queue: edf, dispatch: shortest-queue}}"},
    {.name = "beliefs",
     .below = &kBeliefsKeys,
     .absent = "planners know the truth",
     .doc = "The estimates that planners see in place of the truth. The run uses the truth.",
     .example = "beliefs: {bandwidth: {device-edge: {bias: 50 %}}}"},
    {.name = "adapt",
     .below = &kAdaptKeys,
     .absent = "plans stay as they are",
     .doc = "How plans follow the links and servers during the run (docs/adaptation.md).",
     .example = "adapt: {policy: change, estimator: ewma, compare: all}"},
    {.name = "failures",
     .below = &kFailuresKeys,
     .absent = "none",
     .doc = "The failures of machines and links.",
     .example = "failures: {edge: {up: 60 s, down: 5 s}}"},
    {.name = "updates",
     .below = &kUpdatesKeys,
     .absent = "none",
     .doc = "New weights for the tiers, and data for training.",
     .example = "updates: {weights: {every: 10 min}}"},
    {.name = "training",
     .below = &kTrainingKeys,
     .absent = "none",
     .doc = "A training job that is spread over the devices and a server.",
     .example = "training: {dataset: digits, strategy: {name: fedavg, rounds: 100}}"},
    {.name = "models",
     .below = &kModelsKeys,
     .absent = "required without `model`",
     .doc = "Several networks.",
     .example = "models: {detector: {zoo: alexnet}, reader: {zoo: lenet5}}"},
    {.name = "devices",
     .kind = ValueKind::map_or_file,
     .below = &kDevicesKeys,
     .absent = "none",
     .doc = "Devices of the user's own.",
     .example = "devices: my-devices.yaml"},
    {.name = "networks",
     .kind = ValueKind::map_or_file,
     .below = &kLinksKeys,
     .absent = "none",
     .doc = "Links of the user's own.",
     .example = "networks: {satellite: {up: 2 Mbit/s, down: 20 Mbit/s, latency: 300 ms}}"},
    {.name = "engine",
     .below = &kEngineKeys,
     .absent = "all of its defaults",
     .doc = "Settings of the engine.",
     .example = "engine: {own-links: false}"},
    {.name = "mobility",
     .below = &kMobilityKeys,
     .absent = "devices stay where they are",
     .doc = "The movement of the devices between sites, and their handovers.",
     .example = "mobility: {kind: schedule, moves: [{at: 10 s, device: 0, to: 1}]}"},
    {.name = "output",
     .below = &kOutputKeys,
     .absent = "all of its defaults",
     .doc = "The files of results.",
     .example = "output: {requests: false}"},
    {.name = "statistics",
     .below = &kStatisticsKeys,
     .absent = "all of its defaults",
     .doc = "The confidence intervals of a run's figures.",
     .example = "statistics: {warm-up: 30 s, confidence: 99 %}"},
    {.name = "memory",
     .kind = ValueKind::choice,
     .choices = "note, enforce",
     .noun = "rule",
     .fallback = "note",
     .doc = "What becomes of a plan that needs more memory on a tier than its device has: the "
            "parameters of all layers there, of all models, and the most that one layer works on. "
            "`note` runs it with a note; `enforce` refuses it, and lets an algorithm with which it "
            "is compared decline. `plan.limits.memory` lets algorithms look for a plan that fits.",
     .example = "memory: enforce"},
};

/// Returns the name of a scenario that has none of its own: that of its file.
std::string scenario_name(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  return stem.find_first_not_of('.') == std::string::npos ? "scenario" : stem;
}

/// Reads the scenario's name, which must be able to name a folder.
std::string read_name(MapReader& top, const std::string& fallback) {
  constexpr std::size_t kLongest = 200;  // Of the 255 bytes that file systems allow.
  const std::string name = top.text("scenario", fallback);
  if (top.has_scalar("scenario") &&
      (name.find_first_not_of('.') == std::string::npos || name.size() > kLongest ||
       name.find_first_of("/\n\t") != std::string::npos)) {
    top.error("scenario", fmt::format("{} can't name a folder of results: expected at most {} "
                                      "characters without '/', not only dots",
                                      in_quotes(name), kLongest));
    return fallback;
  }
  return name;
}

/// Throws InputError for other files of offcut, every key of which would be wrong.
void refuse_other_files(const YamlNode& root) {
  if (root.kind != YamlNode::Kind::map || root.find("offcut") != nullptr) {
    return;
  }
  if (root.find("base") != nullptr) {
    throw InputError(root.place,
                     "expected a scenario, got a sweep: `offcut sweep` runs it, and `offcut sweep "
                     "--dry-run` checks it");
  }
  if (root.find("devices") != nullptr && root.find("tiers") == nullptr) {
    throw InputError(root.place,
                     "expected a scenario, got devices, which a scenario takes by 'devices: FILE'");
  }
}

Scenario read_sections(const YamlNode& root, const std::string& path, const Registries& registries,
                       std::vector<Diagnostic>& diagnostics, network::TraceFiles& traces) {
  ReadSoFar so_far{.registries = registries, .diagnostics = diagnostics, .traces = traces};
  so_far.catalogue = read_catalogue();
  Scenario& scenario = so_far.scenario;
  scenario.path = path;
  MapReader top(root, "", kScenarioKeys, diagnostics, scenario.resolved);
  top.integer("offcut");
  scenario.name = read_name(top, scenario_name(path));
  scenario.title = top.text("name", scenario.name);
  scenario.seed = static_cast<std::uint64_t>(top.integer("seed"));
  for (const ReadSection read : kSections) {
    read(top, so_far);
  }
  scenario.memory_rule_place = top.place("memory");
  scenario.enforces_memory = top.choice("memory") == "enforce";
  top.done();
  return std::move(scenario);
}

}  // namespace

constinit const KeyTable kScenarioKeys{.doc = "The keys at the top of the file.",
                                       .keys = kScenario};

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics,
                       network::TraceFiles& traces) {
  YamlNode root = read_yaml(path, diagnostics);
  refuse_other_files(root);
  for (const Override& change : overrides) {
    try {
      if (!change.dimension.empty() && root.find("models") != nullptr) {
        throw InputError(
            change.place(),
            fmt::format("the scenario has 'models': expected --set models.NAME.bind.{}={}",
                        change.dimension, change.value));
      }
      if (const std::string reason = reason_unknown_name(root, change.keys()); !reason.empty()) {
        throw InputError(change.place(), reason);
      }
      apply_override(root, change, path, registries);
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  Scenario scenario = read_sections(root, path, registries, diagnostics, traces);
  sort_by_place(diagnostics, path);
  return scenario;
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics) {
  network::TraceFiles traces;
  return read_scenario(path, overrides, registries, diagnostics, traces);
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries) {
  network::TraceFiles traces;
  return read_scenario(path, overrides, registries, traces);
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, network::TraceFiles& traces) {
  std::vector<Diagnostic> diagnostics;
  Scenario scenario = read_scenario(path, overrides, registries, diagnostics, traces);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return scenario;
}

}  // namespace offcut::scenario
