// neurosurgeon: the best single cut between the device and one other tier, by trying them all (Kang
// et al., "Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge", ASPLOS
// 2017, section 4.2: argmin over j of sum TM_i (i <= j) + D_j / B + sum TC_i (i > j)).
//
// Deviations: the answer's way back and the hop latency count, as in every plan here (the paper
// leaves them out). With more than two tiers, each of the others is tried as the place of the tail.
// On a DAG the cuts tried are those behind the cut vertices, where the layer's own outputs are all
// that crosses: the paper's chains, generalised. Such an answer need not be the DAG's optimum, and
// says so. O(tiers * n + tiers * cut vertices * tensors).

#include <algorithm>

#include "partition/algorithm.h"

namespace offcut {
namespace {

/// Sizes of the heads that end at a cut vertex: {0, ..., layer count}; 0 sends the raw input.
std::vector<std::size_t> head_sizes(const Problem& problem) {
  // reaches[i]: one past the last reader of what layer i makes; a head of size h is fine where no
  // tensor made before its last layer h - 1 is read at h or later.
  std::vector<std::size_t> reaches(problem.layer_count() + 1, 0);  // last entry: the inputs
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::size_t from = tensor.producer.value_or(problem.layer_count());
    for (const LayerId reader : tensor.consumers) {
      reaches[from] = std::max(reaches[from], reader + 1);
    }
  }
  std::vector<std::size_t> sizes = {0};
  std::size_t reach = reaches.back();
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (reach <= layer + 1) {
      sizes.push_back(layer + 1);
    }
    reach = std::max(reach, reaches[layer]);
  }
  if (sizes.back() != problem.layer_count()) {
    sizes.push_back(problem.layer_count());  // all on the device is always possible
  }
  return sizes;
}

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters&) {
  const std::size_t n = problem.layer_count();
  Assignment best(n, 0);
  Seconds least = evaluate(problem, best).latency();
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    for (const std::size_t head : head_sizes(problem)) {
      Assignment candidate(n, tier);
      std::fill_n(candidate.begin(), head, 0);
      const Seconds latency = evaluate(problem, candidate).latency();
      if (latency < least) {
        least = latency;
        best = std::move(candidate);
      }
    }
  }
  return best;
}

std::string note(const Problem& problem, const Assignment&) {
  return head_sizes(problem).size() == problem.layer_count() + 1
             ? "chain: best single cut"
             : "DAG: best single cut behind a cut vertex, not necessarily the optimum";
}

}  // namespace

void register_neurosurgeon(Registry<Algorithm>& registry) {
  registry.add({.name = "neurosurgeon",
                .doc = "the best single cut between the device and one other tier",
                .citation = "Kang et al., Neurosurgeon, ASPLOS 2017, section 4.2",
                .solve = solve_it,
                .note = note});
}

}  // namespace offcut
