#pragma once

#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::study {

/// The policies of a tier among which a search chooses. Each list begins with the scenario's own.
struct TierPolicies {
  std::vector<scheduling::Choice<scheduling::QueueKind>> queues;
  std::vector<scheduling::Choice<scheduling::BatchingKind>> batching;
  std::vector<scheduling::Choice<scheduling::DispatchKind>> dispatch;
  std::vector<scheduling::Choice<scheduling::AdmissionKind>> admission;

  /// Returns how many there are of all kinds.
  std::size_t size() const {
    return queues.size() + batching.size() + dispatch.size() + admission.size();
  }
};

/// Calls `visit` with each kind of policy: the list of its candidates, and its part of a tier's
/// policies.
template <class Visit>
void each_kind(const Visit& visit) {
  using scheduling::Scheduling;
  visit(&TierPolicies::queues, &Scheduling::queue);
  visit(&TierPolicies::batching, &Scheduling::batching);
  visit(&TierPolicies::dispatch, &Scheduling::dispatch);
  visit(&TierPolicies::admission, &Scheduling::admission);
}

/// Returns the scenario's own policies alone, by tier.
std::vector<TierPolicies> own_policies(const experiment::Experiment& experiment);

/// Returns the scenario's own policies, having none, and all policies of the registries whose
/// parameters have defaults or TriedValues, with each combination of these. Times count in mean
/// services: those of whole models on the tier. Batches need a tier whose times of batches are
/// known for all models.
std::vector<TierPolicies> candidate_policies(const experiment::Experiment& experiment,
                                             const scenario::Registries& registries);

}  // namespace offcut::study
