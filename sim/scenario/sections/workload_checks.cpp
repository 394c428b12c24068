// Checks the classes of requests as a whole, and whether the run has an end: the rates of open
// arrivals are known here, those of closed loops only once plans give the latency.

#include "sim/scenario/sections/workload_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace offcut::scenario {
namespace {

/// A model that no class runs is an error: it would be planned in vain.
void check_models(MapReader& top, const Scenario& scenario) {
  std::vector<bool> used(scenario.models.size());
  if (scenario.training && scenario.training->model) {
    used[*scenario.training->model] = true;
  }
  for (const ClassChoice& requests : scenario.classes) {
    used[requests.model_index()] = true;
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) {
      top.error("models", fmt::format("no class of the workload runs {}",
                                      in_quotes(scenario.models[i].name)));
    }
  }
}

/// A group of devices that sends nothing is an error, like a model that nobody runs.
void check_groups(ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  for (std::size_t group = 0; scenario.groups > 1 && group < scenario.groups; ++group) {
    const bool is_used = std::any_of(
        scenario.classes.begin(), scenario.classes.end(), [&](const ClassChoice& requests) {
          return requests.from.empty() || std::find(requests.from.begin(), requests.from.end(),
                                                    group) != requests.from.end();
        });
    if (!is_used) {
      const TierChoice& devices = scenario.tiers[group];
      so_far.diagnostics.push_back(
          {devices.place, fmt::format("{}.{}: no class of the workload comes from this group",
                                      devices.section, devices.name)});
    }
  }
}

/// Marks the devices that send requests of the class.
void mark_senders(const Scenario& scenario, const ClassChoice& requests, std::vector<bool>& sends) {
  const std::vector<std::size_t>& from = requests.from;
  std::size_t device = 0;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    const std::size_t end = device + scenario.tiers[group].servers;
    const bool does = from.empty() || std::find(from.begin(), from.end(), group) != from.end();
    for (; device < end; ++device) {
      sends[device] = sends[device] || does;
    }
  }
}

/// The rows of a device in a file of arrivals are an error if no class of the workload takes them.
void check_devices_taken(ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  std::map<std::pair<std::string, std::string>, std::vector<bool>> sends;  // By file and class.
  const auto rows_of = [](const ClassChoice& choice) {
    const bool by_class = !choice.process->classes().empty();
    return std::pair(choice.parameters.text("file"),
                     by_class ? choice.parameters.text(kClassParameter) : "");
  };
  for (const ClassChoice& choice : scenario.classes) {
    if (choice.process->devices() > 0) {
      std::vector<bool>& of_rows = sends[rows_of(choice)];
      of_rows.resize(device_count(scenario));
      mark_senders(scenario, choice, of_rows);
    }
  }
  for (const ClassChoice& choice : scenario.classes) {
    try {
      if (choice.process->devices() > 0) {
        choice.process->check_devices(sends[rows_of(choice)]);
      }
    } catch (const InputError& error) {
      add_new(error.diagnostics(), so_far.diagnostics);  // Several classes may share a file.
    }
  }
}

/// Checks the length of the run. Closed loops are checked later, once their latency is known.
void check_length(ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  const bool is_open =
      std::all_of(scenario.classes.begin(), scenario.classes.end(), [](const ClassChoice& c) {
        return c.arrival_kind != nullptr && !c.arrival_kind->closed_loop;
      });
  if (!is_open || !so_far.length_known || scenario.tiers.empty()) {
    return;
  }
  const std::vector<IdleTimes> no_times(scenario.models.size());
  if (const std::string reason = reason_too_long(scenario, no_times); !reason.empty()) {
    so_far.diagnostics.push_back({scenario.stop_place, "stop: " + reason});
  }
}

}  // namespace

bool all_counts_known(const Scenario& scenario) {
  const auto end = static_cast<std::ptrdiff_t>(std::min(scenario.groups, scenario.tiers.size()));
  return end > 0 && std::all_of(scenario.tiers.begin(), scenario.tiers.begin() + end,
                                [](const TierChoice& tier) { return tier.count_known; });
}

void check_rows_taken(MapReader& workload, const std::vector<ClassChoice>& choices) {
  std::map<std::string, std::vector<std::string>> given, taken;  // By file.
  for (const ClassChoice& choice : choices) {
    const std::vector<std::string> names = choice.process->classes();
    if (!names.empty()) {
      const std::string& file = choice.parameters.text("file");
      given[file] = names;
      taken[file].push_back(choice.parameters.text(kClassParameter));
    }
  }
  for (const auto& [file, names] : given) {
    const std::vector<std::string>& known = taken[file];
    for (const std::string& name : names) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        workload.error(
            "classes",
            fmt::format("no class takes the requests of class {} in {}{}", in_quotes(name),
                        std::filesystem::path(file).filename().string(), suggestion(name, known)));
      }
    }
  }
}

void check_workload(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  check_models(top, so_far.scenario);
  check_groups(so_far);
  if (all_counts_known(so_far.scenario)) {
    check_devices_taken(so_far);
  }
  if (so_far.diagnostics.size() == before) {
    check_length(so_far);
  }
}

}  // namespace offcut::scenario
