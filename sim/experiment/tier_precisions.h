#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/compress/precision.h"
#include "sim/runtime/computed_network.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// The precisions in which tiers compute the real math of a model: layers on a tier whose device is
/// in int8 run in integers, all others in float32. Halves (fp16, bf16) change times alone.
class TierPrecisions {
 public:
  /// `in_integers` says it by tier. REQUIRES: the operators outlive this.
  TierPrecisions(std::vector<bool> in_integers, compress::Ranges ranges,
                 const Registry<ops::Operator>& operators)
      : in_integers_(std::move(in_integers)), ranges_(std::move(ranges)), operators_(operators) {}

  /// Returns whether layers on the tier run in integers. A tier after the last stands for the
  /// device, which computes the layers of a tail.
  bool in_integers(std::size_t tier) const {
    return in_integers_[tier < in_integers_.size() ? tier : 0];
  }
  std::size_t tier_count() const { return in_integers_.size(); }

  /// Returns the network that the tiers compute. REQUIRES: the graph is the one that was
  /// calibrated.
  runtime::ComputedNetwork computed(const Graph& graph, const partition::Assignment& tier_of) const;

  /// Returns a text that is equal for equal results of computed().
  std::string text() const;

 private:
  std::vector<bool> in_integers_;
  compress::Ranges ranges_;
  const Registry<ops::Operator>& operators_;
};

/// Returns whether the device of a tier is in int8.
bool computes_in_integers(const scenario::TierChoice& tier);

/// Calibrates the model if its math is on and a tier computes in int8; returns null otherwise.
/// `data` has the inputs of the math. Throws InputError if the network can't be calibrated.
std::shared_ptr<const TierPrecisions> tier_precisions(
    const Graph& graph, const scenario::ModelChoice& model,
    const std::vector<scenario::TierChoice>& tiers, const runtime::Dataset& data,
    const scenario::Registries& registries);

}  // namespace offcut::experiment
