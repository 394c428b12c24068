// Lets tiers compute in their precisions: calibrates the network once, and rewrites the layers that
// a plan puts on tiers of int8 to integers.

#include "sim/experiment/tier_precisions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "models/base/content_hash.h"
#include "sim/experiment/calibration_samples.h"

namespace offcut::experiment {

bool computes_in_integers(const scenario::TierChoice& tier) {
  const auto* device = std::get_if<cost::Device>(&tier.is);
  return device != nullptr && device->precision == "int8";
}

runtime::ComputedNetwork TierPrecisions::computed(const Graph& graph,
                                                  const partition::Assignment& tier_of) const {
  std::set<LayerId> integers;
  for (LayerId layer = 0; layer < graph.layer_count(); ++layer) {
    if (in_integers(tier_of[layer])) {
      integers.insert(layer);
    }
  }
  compress::MixedPrecision mixed =
      compress::with_integers(graph, integers, ranges_, {}, operators_);
  runtime::ComputedNetwork computed{std::move(mixed.graph), {}};
  for (const LayerId layer : mixed.origin) {
    computed.tier_of.push_back(tier_of[layer]);
  }
  return computed;
}

std::string TierPrecisions::text() const {
  ContentHash hash;
  for (const auto& [tensor, range] : ranges_) {
    hash.add(fmt::format("{} {} {}", tensor, range.low, range.high));
  }
  return fmt::format(" {} {}", fmt::join(in_integers_, ""), hash.text());
}

std::shared_ptr<const TierPrecisions> tier_precisions(
    const Graph& graph, const scenario::ModelChoice& model,
    const std::vector<scenario::TierChoice>& tiers, const runtime::Dataset& data,
    const scenario::Registries& registries) {
  const auto first = std::find_if(tiers.begin(), tiers.end(), computes_in_integers);
  if (model.math == scenario::ModelChoice::Math::off || first == tiers.end()) {
    return nullptr;
  }
  std::vector<bool> in_integers;
  for (const scenario::TierChoice& tier : tiers) {
    in_integers.push_back(computes_in_integers(tier));
  }
  try {
    auto precisions = std::make_shared<const TierPrecisions>(
        std::move(in_integers),
        compress::calibrate(graph, calibration_samples(graph, model, data, registries), {}),
        registries.operators);
    const std::size_t tier = static_cast<std::size_t>(first - tiers.begin());
    precisions->computed(graph, partition::Assignment(graph.layer_count(), tier));
    return precisions;
  } catch (const std::invalid_argument& error) {
    throw InputError(first->place, fmt::format("{}.{}: {} can't run in int8: {}", first->section,
                                               first->name, graph.name(), error.what()));
  }
}

}  // namespace offcut::experiment
