// Computes the time of each layer on each tier. It comes from the roofline of the tier's device, a
// column of the model's layer table, a measured profile, or a predictor that was fitted to
// profiles.

#include "sim/experiment/tier_times.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/cost/roofline.h"

namespace offcut::experiment {
namespace {

/// Returns the layers' times on a tier that has a profile. Adds an error for each layer that the
/// profile lacks.
std::vector<Seconds> profiled_times(const Graph& graph, const scenario::TierChoice& tier,
                                    std::vector<Diagnostic>& diagnostics) {
  try {
    return cost::times_from(std::get<scenario::ProfiledDevice>(tier.is).profile, graph, tier.place,
                            fmt::format("{}.{}.profile", tier.section, tier.name));
  } catch (const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    return {};
  }
}

std::vector<Seconds> times_of(const Graph& graph, const LayerColumns& columns,
                              const scenario::TierChoice& tier,
                              std::vector<Diagnostic>& diagnostics) {
  if (const auto* device = std::get_if<cost::Device>(&tier.is)) {
    return cost::layer_times(*device, graph);
  }
  if (const auto* fitted = std::get_if<scenario::FittedDevice>(&tier.is)) {
    std::vector<Seconds> times;
    for (const cost::LayerFeatures& features : cost::layer_features(graph)) {
      times.push_back(fitted->predictor.predict(features));
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
    return times;
  }
  const auto* column = std::get_if<std::string>(&tier.is);
  return column != nullptr ? columns.at(*column) : profiled_times(graph, tier, diagnostics);
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

void check_profiles(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
                    std::vector<Diagnostic>& diagnostics) {
  for (const scenario::TierChoice& tier : tiers) {
    const auto* device = std::get_if<scenario::ProfiledDevice>(&tier.is);
    if (device != nullptr && !device->profile.rows.empty()) {
      profiled_times(graph, tier, diagnostics);
    }
  }
}

std::vector<partition::TierTimes> tier_times(const Graph& graph, const LayerColumns& columns,
                                             const std::vector<scenario::TierChoice>& tiers) {
  std::vector<Diagnostic> diagnostics;
  std::vector<partition::TierTimes> all;
  for (const scenario::TierChoice& tier : tiers) {
    all.push_back({tier.name, times_of(graph, columns, tier, diagnostics)});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return all;
}

partition::Hop idle_hop(const scenario::HopChoice& choice) {
  const auto slower_rate = [&](bool upwards) {
    const double own = choice.rates(upwards).mean(0, 0);
    return BytesPerSecond(choice.site ? std::min(own, choice.site->rates(upwards).mean(0, 0))
                                      : own);
  };
  partition::Hop hop = choice.hop;
  hop.up = slower_rate(true) / hop.payload;  // Rates are without headers.
  hop.down = slower_rate(false) / hop.payload;
  return hop;
}

void add_user_classes(const Graph& graph, const LayerColumns& columns,
                      const scenario::PlanChoice& plan, partition::Problem& problem) {
  std::vector<Diagnostic> diagnostics;
  for (const scenario::UserClassChoice& users : plan.user_classes) {
    problem.extras.classes.push_back({users.device.name, users.device.servers,
                                      times_of(graph, columns, users.device, diagnostics),
                                      idle_hop(users.hop), users.device.per_request});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace offcut::experiment
