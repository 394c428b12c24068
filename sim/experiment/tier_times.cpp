// Computes the time of each layer on each tier. It comes from the roofline of the tier's device, a
// column of the model's layer table, a measured profile, or a predictor that was fitted to
// profiles.

#include "sim/experiment/tier_times.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/cost/roofline.h"
#include "sim/experiment/goal.h"

namespace offcut::experiment {
namespace {

/// Returns the layers' times on a tier that has a profile. Adds an error for each layer that the
/// profile lacks, and if it lacks the times of batches that the tier forms.
std::optional<MeasuredTimes> profiled_times(const Graph& graph, const scenario::TierChoice& tier,
                                            std::vector<Diagnostic>& diagnostics) {
  const cost::Profile& profile = std::get<scenario::ProfiledDevice>(tier.is).profile;
  const std::string key = fmt::format("{}.{}.profile", tier.section, tier.name);
  try {
    MeasuredTimes times = cost::times_from(profile, graph, tier.place, key);
    if (tier.scheduling.batching && !times.has_batches()) {
      diagnostics.push_back(
          {tier.place,
           fmt::format("{}: {} has the times of single requests of {} alone, but "
                       "scheduling.{}.batch needs those of batches: offcut profile --batch 1,2,4,8 "
                       "measures them",
                       key, profile.path, graph.name(), tier.name)});
    }
    return times;
  } catch (const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    return std::nullopt;
  }
}

/// Multiplies times by the `time-scale` of the tier.
std::vector<Seconds> scaled(std::vector<Seconds> times, const scenario::TierChoice& tier) {
  for (Seconds& time : times) {
    time = time * tier.time_scale;
  }
  return times;
}

/// Returns the times of a tier that were measured; none if they are modelled.
std::optional<MeasuredTimes> measured_times(const Graph& graph, const LayerColumns& columns,
                                            const scenario::TierChoice& tier,
                                            std::vector<Diagnostic>& diagnostics) {
  std::optional<MeasuredTimes> times;
  if (const auto* column = std::get_if<std::string>(&tier.is)) {
    times = columns.at(*column);
  } else if (std::holds_alternative<scenario::ProfiledDevice>(tier.is)) {
    times = profiled_times(graph, tier, diagnostics);
  }
  if (times && tier.time_scale != 1) {
    for (const std::int64_t batch : times->batches()) {
      times->add(batch, scaled(times->at(static_cast<double>(batch)), tier));
    }
  }
  return times;
}

/// Returns the layers' times by the model of a tier's device; empty if it has none.
std::vector<Seconds> modelled_times(const Graph& graph, const scenario::TierChoice& tier,
                                    std::vector<Diagnostic>& diagnostics) {
  if (const auto* device = std::get_if<cost::Device>(&tier.is)) {
    return cost::times_from_wire(*device, graph);
  }
  if (const auto* fitted = std::get_if<scenario::FittedDevice>(&tier.is)) {
    std::vector<Seconds> times;
    std::vector<std::string> free;
    for (const cost::LayerFeatures& features : cost::layer_features(graph)) {
      times.push_back(fitted->predictor.predict(features));
      if (features.macs > 0 && times.back() == Seconds(0)) {
        free.push_back(in_quotes(graph.layer(times.size() - 1).name));
      }
      if (!(times.back() <= Seconds(scenario::kMostSeconds))) {  // Infinite, or not a number.
        diagnostics.push_back(
            {tier.place, fmt::format("{}.{}.fitted: predicts {:g} s for layer {} of {}; expected "
                                     "at most {:g} s",
                                     tier.section, tier.name, times.back().si(),
                                     in_quotes(graph.layer(times.size() - 1).name), graph.name(),
                                     scenario::kMostSeconds)});
        break;
      }
    }
    if (!free.empty()) {
      diagnostics.push_back(
          {tier.place, fmt::format("{}.{}.fitted: gives no time to these layers with "
                                   "multiply-accumulates: {}",
                                   tier.section, tier.name, fmt::join(free, ", "))});
    }
    return times;
  }
  return {};
}

/// Returns the times of single requests, from the measurement if there is one.
std::vector<Seconds> single_times(const Graph& graph, const scenario::TierChoice& tier,
                                  const std::optional<MeasuredTimes>& measured,
                                  std::vector<Diagnostic>& diagnostics) {
  return measured ? measured->single()
                  : scaled(modelled_times(graph, tier, diagnostics), tier);
}

}  // namespace

void check_columns(const LayerColumns& columns, const scenario::ModelChoice& model,
                   const std::vector<scenario::TierChoice>& tiers,
                   std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> names;
  for (const auto& [name, times] : columns) {
    names.push_back(name);
  }
  const auto check = [&](const scenario::TierChoice& tier) {
    const auto* column = std::get_if<std::string>(&tier.is);
    if (column != nullptr && !columns.contains(*column)) {
      diagnostics.push_back(
          {tier.place,
           fmt::format("{}.{}.is: {} has no column {}{}", tier.section, tier.name,
                       model.source_name, in_quotes(*column + "_s"), suggestion(*column, names))});
    }
  };
  for (const scenario::TierChoice& tier : tiers) {
    check(tier);
  }
  for (const scenario::UserClassChoice& users : model.plan.user_classes) {
    check(users.device);
  }
}

void check_batches(const LayerColumns& columns, const scenario::ModelChoice& model,
                   const std::vector<scenario::TierChoice>& tiers,
                   std::vector<Diagnostic>& diagnostics) {
  for (const scenario::TierChoice& tier : tiers) {
    const auto* column = std::get_if<std::string>(&tier.is);
    if (column != nullptr && tier.scheduling.batching && columns.contains(*column) &&
        !columns.at(*column).has_batches()) {
      diagnostics.push_back(
          {tier.place,
           fmt::format("{}.{}.is: {} has the times of single requests in {}, but "
                       "scheduling.{}.batch needs those of batches: a column such as {} for "
                       "batches of 8",
                       tier.section, tier.name, model.source_name, in_quotes(*column + "_s"),
                       tier.name, in_quotes(*column + "_s@8"))});
    }
  }
}

void check_profiles(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
                    std::vector<Diagnostic>& diagnostics) {
  for (const scenario::TierChoice& tier : tiers) {
    const auto* device = std::get_if<scenario::ProfiledDevice>(&tier.is);
    if (device != nullptr && !device->profile.rows.empty()) {
      profiled_times(graph, tier, diagnostics);
    }
  }
}

TierCosts tier_costs(const Graph& graph, const LayerColumns& columns,
                     const std::vector<scenario::TierChoice>& tiers) {
  std::vector<Diagnostic> diagnostics;
  TierCosts all;
  for (const scenario::TierChoice& tier : tiers) {
    all.measured.push_back(measured_times(graph, columns, tier, diagnostics));
    all.times.push_back({tier.name, single_times(graph, tier, all.measured.back(), diagnostics)});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return all;
}

partition::Hop idle_hop(const scenario::HopChoice& choice) {
  const auto slower_rate = [&](bool upwards) {
    const BytesPerSecond own = choice.hop.rate(upwards);
    return choice.site ? std::min(own, (upwards ? choice.site->up : choice.site->down) *
                                           choice.site->payload)
                       : own;
  };
  partition::Hop hop = choice.hop;
  hop.up = slower_rate(true) / hop.payload;  // Rates are without headers.
  hop.down = slower_rate(false) / hop.payload;
  if (choice.jitter) {  // Without a part in the round trip of TCP.
    hop.per_message += choice.jitter->mean;
  }
  return hop;
}

void add_user_classes(const Graph& graph, const LayerColumns& columns,
                      const scenario::PlanChoice& plan, partition::Problem& problem) {
  std::vector<Diagnostic> diagnostics;
  for (const scenario::UserClassChoice& users : plan.user_classes) {
    const auto measured = measured_times(graph, columns, users.device, diagnostics);
    problem.extras.classes.push_back({users.device.name, users.device.servers,
                                      single_times(graph, users.device, measured, diagnostics),
                                      idle_hop(users.hop), users.device.per_request,
                                      radio_overhead(users.hop.radio)});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace offcut::experiment
