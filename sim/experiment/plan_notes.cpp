#include "sim/experiment/plan_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "models/cost/kernel_work.h"
#include "sim/experiment/memory_shortage.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::experiment {
namespace {

/// Returns whether requests of a prepared model may reach the tier.
bool is_on_way(const Experiment& experiment, std::size_t model, std::size_t tier) {
  return tier >= experiment.scenario.groups || experiment.models[model].group == tier;
}

void add_batch_objectives(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                          std::vector<std::string>& notes) {
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    const auto& batching = choice.scheduling.batching;
    if (!batching || batching.kind->objective == nullptr) {
      continue;
    }
    const Seconds objective = batching.kind->objective(batching.parameters);
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (!is_on_way(experiment, i, tier)) {
        continue;
      }
      const std::size_t level = engine::level_of(tier, experiment.scenario.groups);
      const partition::Cost& cost = plans[i].cost;
      const Seconds one = cost.compute[level] - (level == 0 ? cost.tail : Seconds(0));
      if (one > objective) {
        notes.push_back(fmt::format(
            "one request{} takes {} on {}, more than the batch objective, {}: no batch can keep it",
            plans.size() > 1 ? " of " + experiment.name_of(experiment.models[i]) : "",
            to_readable(one), choice.name, to_readable(objective)));
      }
    }
  }
}

/// Times of batches are known up to the largest one that was measured.
void add_unmeasured_batches(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                            std::vector<std::string>& notes) {
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const PreparedModel& model = experiment.models[i];
      const partition::Assignment& tier_of = plans[i].tier_of;
      const std::size_t level = engine::level_of(tier, experiment.scenario.groups);
      if (!is_on_way(experiment, i, tier) || !choice.scheduling.batching ||
          !model.measured[level] ||
          std::find(tier_of.begin(), tier_of.end(), level) == tier_of.end()) {
        continue;
      }
      const auto largest = static_cast<std::int64_t>(
          scheduling::CheckedBatching(choice.scheduling.batching).largest());
      const std::int64_t measured = model.measured[level]->batches().back();
      if (largest > measured) {
        notes.push_back(
            fmt::format("batches{} on {} are measured up to {}; larger ones, up to {}, count with "
                        "the time per request of {}",
                        plans.size() > 1 ? " of " + experiment.name_of(model) : "", choice.name,
                        measured, largest, measured));
      }
    }
  }
}

/// Returns the reasons for which the device's figures are extrapolated for a network in batches of
/// up to `batch`; empty if it was fitted to such work.
std::string extrapolation(const cost::FittedRange& range, double macs, std::int64_t batch) {
  std::vector<std::string> reasons;
  if (macs < range.least_macs || macs > range.most_macs) {
    const auto millions = [](double count) { return significant(count / 1e6, 3); };
    reasons.push_back(fmt::format("its {} M MACs lie outside the {} to {} M of the networks",
                                  millions(macs), millions(range.least_macs),
                                  millions(range.most_macs)));
  }
  if (batch > range.most_batch || range.least_batch > 1) {
    reasons.push_back(fmt::format("batches of 1 to {} lie outside those of {} to {}", batch,
                                  range.least_batch, range.most_batch));
  }
  return fmt::format("{}", fmt::join(reasons, ", and "));
}

/// A device that was fitted to some networks says little about much lighter or heavier ones.
void add_extrapolations(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                        std::vector<std::string>& notes) {
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    const auto* device = std::get_if<cost::Device>(&choice.is);
    if (device == nullptr || !device->calibration || !device->calibration->range) {
      continue;
    }
    const auto& batching = choice.scheduling.batching;
    const std::int64_t batch =
        batching ? static_cast<std::int64_t>(scheduling::CheckedBatching(batching).largest()) : 1;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const PreparedModel& model = experiment.models[i];
      const partition::Assignment& tier_of = plans[i].tier_of;
      const std::size_t level = engine::level_of(tier, experiment.scenario.groups);
      if (!is_on_way(experiment, i, tier) ||
          std::find(tier_of.begin(), tier_of.end(), level) == tier_of.end()) {
        continue;
      }
      const std::string reason =
          extrapolation(*device->calibration->range, cost::total_macs(model.graph), batch);
      if (!reason.empty()) {
        notes.push_back(
            fmt::format("the times of {} on {} are extrapolated: {} to which '{}' is "
                        "fitted, so that their error may exceed the left-out error",
                        experiment.name_of(model), choice.name, reason, device->name));
      }
    }
  }
}

}  // namespace

std::vector<std::string> plan_notes(const Experiment& experiment,
                                    const std::vector<partition::Plan>& plans) {
  std::vector<std::string> notes;
  for (const MemoryShortage& shortage : memory_shortages(experiment, plans)) {
    notes.push_back(shortage_text(experiment, shortage) +
                    "; the run does not take this into account (memory: enforce refuses it)");
  }
  add_batch_objectives(experiment, plans, notes);
  add_unmeasured_batches(experiment, plans, notes);
  add_extrapolations(experiment, plans, notes);
  return notes;
}

}  // namespace offcut::experiment
