// Maps the layers that each tier of a measured run had to an assignment of the scenario's model.
// Layers that no tier names, such as constants that an exporter folds, stay where their inputs are.

#include "sim/study/calibration/measured_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/base/csv_writer.h"
#include "models/base/error.h"
#include "models/base/readable.h"
#include "partition/evaluation.h"

namespace offcut::study {
namespace {

/// Returns the names of the scenario's tiers on the way of a request.
std::vector<std::string> tier_names(const experiment::PreparedModel& model) {
  std::vector<std::string> names;
  for (const scenario::TierChoice& tier : model.tiers) {
    names.push_back(tier.name);
  }
  return names;
}

partition::Assignment assignment_of(const MeasuredRun& run, const partition::Problem& problem,
                                    std::vector<Diagnostic>& diagnostics) {
  constexpr auto kNobody = static_cast<std::size_t>(-1);
  const std::string file = run.folder + "/measured.json";
  std::map<std::string, LayerId> ids;
  for (LayerId id = 0; id < problem.layers.size(); ++id) {
    ids[problem.layers[id]] = id;
  }
  partition::Assignment tier_of(problem.layers.size(), kNobody);
  for (std::size_t tier = 0; tier < run.layers.size(); ++tier) {
    for (const std::string& name : run.layers[tier]) {
      const auto found = ids.find(name);
      if (found == ids.end()) {
        diagnostics.push_back(
            {{file},
             fmt::format("the scenario's model has no layer {}{}: was {} measured with another "
                         "model?",
                         in_quotes(name), suggestion(name, problem.layers), run.name)});
        return tier_of;
      }
      tier_of[found->second] = tier;
    }
  }
  std::vector<std::vector<LayerId>> makers(problem.layers.size());
  for (const partition::CrossingTensor& tensor : problem.tensors) {
    for (const LayerId consumer : tensor.consumers) {
      if (tensor.producer) {
        makers[consumer].push_back(*tensor.producer);
      }
    }
  }
  // Layers are in topological order, so that makers come first.
  for (LayerId id = 0; id < problem.layers.size(); ++id) {
    std::size_t least = 0;
    for (const LayerId maker : makers[id]) {
      least = std::max(least, tier_of[maker]);
    }
    if (tier_of[id] == kNobody) {
      tier_of[id] = least;
    } else if (tier_of[id] < least) {
      diagnostics.push_back(
          {{file},
           fmt::format("layer {} is on tier {}, before a layer whose result it reads",
                       in_quotes(problem.layers[id]), in_quotes(run.tiers[tier_of[id]]))});
    }
  }
  return tier_of;
}

}  // namespace

MeasuredPlan plan_of(const MeasuredRun& run, const experiment::Experiment& experiment) {
  const experiment::PreparedModel& model = experiment.models.front();
  const partition::Problem& problem = model.problem;
  const std::vector<std::string> names = tier_names(model);
  std::vector<Diagnostic> diagnostics;
  if (run.tiers != names) {
    diagnostics.push_back({{run.folder + "/measured.json"},
                           fmt::format("was measured on the tiers {}, but the scenario has {}",
                                       fmt::join(run.tiers, ", "), fmt::join(names, ", "))});
    throw InputError(std::move(diagnostics));
  }
  MeasuredPlan plan{.tier_of = assignment_of(run, problem, diagnostics)};
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  const partition::Cost cost = partition::evaluate(problem, plan.tier_of);
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    const bool takes = tier == 0 || cost.goes_up[tier - 1];
    plan.per_request.push_back(takes ? problem.per_request_on(tier).si() : 0);
    plan.compute.push_back(std::max(0.0, cost.compute[tier].si() - plan.per_request.back()));
  }
  for (std::size_t hop = 0; hop + 1 < problem.tier_count(); ++hop) {
    plan.up_bytes.push_back(cost.up_bytes[hop].si());
    plan.down_bytes.push_back(cost.down_bytes[hop].si());
  }
  plan.latency = cost.latency().si();
  return plan;
}

void write_plan(const MeasuredPlan& plan, const experiment::Experiment& experiment,
                const std::string& path) {
  const partition::Problem& problem = experiment.models.front().problem;
  CsvWriter csv(path, {"algorithm", "layer", "tier"});
  for (LayerId id = 0; id < problem.layers.size(); ++id) {
    csv.text("measured").text(problem.layers[id]).text(problem.tiers[plan.tier_of[id]]).end_row();
  }
  csv.close();
}

void check_comparable(const scenario::Scenario& scenario, const std::string& path) {
  std::vector<Diagnostic> diagnostics;
  const auto refuse = [&](bool is_wrong, const char* reason) {
    if (is_wrong) {
      diagnostics.push_back({{path}, fmt::format("can't be calibrated: {}", reason)});
    }
  };
  refuse(!scenario.has_requests || scenario.models.size() != 1, "expected requests of one model");
  refuse(scenario.groups != 1 || scenario.tiers.front().servers != 1,
         "measured runs have one device: expected no groups of devices, and a count of 1");
  refuse(scenario.tiers.size() < 2, "expected at least two tiers");
  refuse(scenario.adapt.has_value(),
         "plans that change during a run are not supported: "
         "expected no 'adapt'");
  refuse(std::any_of(scenario.tiers.begin(), scenario.tiers.end(),
                     [](const scenario::TierChoice& tier) { return !tier.machines.empty(); }),
         "groups of unlike machines are not supported");
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace offcut::study
