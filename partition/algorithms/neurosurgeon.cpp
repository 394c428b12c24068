// `neurosurgeon` finds the best single cut between the device and one other tier, by trying all of
// them (Kang et al., "Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge",
// ASPLOS 2017, section 4.2: argmin over j of sum TM_i (i <= j) + D_j / B + sum TC_i (i > j)).
//
// Deviations: any objective and limit is accepted, while the paper has latency or energy. The
// answer's way back and the hop latency count, as in every plan here (the paper leaves them out).
// With more than two tiers, each of the others is tried for the tail. The paper's networks are
// chains. On a DAG, the cuts after its cut vertices are tried: the tail is all layers that depend
// on a layer, and only that layer's own outputs cross. Such an answer need not be the optimum of
// the DAG, and says so. O(tiers * n * (tensors + n)).

#include <algorithm>
#include <optional>

#include "partition/algorithm.h"
#include "partition/solvers/chain.h"

namespace offcut::partition {
namespace {

/// Returns which layers depend on a layer, or on the inputs, for which `vertex` is none.
std::vector<bool> tail_after(const Problem& problem, std::optional<LayerId> vertex) {
  std::vector<bool> in_tail(problem.layer_count(), !vertex);
  std::vector<std::vector<LayerId>> readers(problem.layer_count());
  for (const CrossingTensor& tensor : problem.tensors) {
    if (tensor.producer) {
      auto& direct = readers[*tensor.producer];
      direct.insert(direct.end(), tensor.consumers.begin(), tensor.consumers.end());
    }
  }
  for (LayerId layer = vertex.value_or(0); layer < problem.layer_count(); ++layer) {
    if (layer == vertex || in_tail[layer]) {
      for (const LayerId reader : readers[layer]) {
        in_tail[reader] = true;
      }
    }
  }
  return in_tail;
}

/// Returns whether the vertex makes all tensors that the tail reads from outside.
bool is_cut_vertex(const Problem& problem, std::optional<LayerId> vertex,
                   const std::vector<bool>& in_tail) {
  return std::none_of(problem.tensors.begin(), problem.tensors.end(),
                      [&](const CrossingTensor& tensor) {
                        const bool made_in_tail = tensor.producer && in_tail[*tensor.producer];
                        return !made_in_tail && tensor.producer != vertex &&
                               std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                           [&](LayerId reader) { return in_tail[reader]; });
                      });
}

/// Returns the tails of all single cuts, from the whole network to no layer.
std::vector<std::vector<bool>> tails(const Problem& problem) {
  std::vector<std::vector<bool>> all = {tail_after(problem, std::nullopt)};
  for (LayerId vertex = 0; vertex < problem.layer_count(); ++vertex) {
    std::vector<bool> tail = tail_after(problem, vertex);
    if (is_cut_vertex(problem, vertex, tail)) {
      all.push_back(std::move(tail));
    }
  }
  return all;
}

Answer solve_neurosurgeon(const Problem& problem, const Parameters&) {
  Assignment best(problem.layer_count(), 0);
  std::optional<double> least = value_within_limits(problem, best);
  for (const std::vector<bool>& tail : tails(problem)) {
    for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
      Assignment candidate(problem.layer_count(), 0);
      for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
        candidate[layer] = tail[layer] ? tier : 0;
      }
      const std::optional<double> value = value_within_limits(problem, candidate);
      if (value && (!least || *value < *least)) {
        least = value;
        best = std::move(candidate);
      }
    }
  }
  if (!least) {
    return Declined{"no single cut keeps the limits"};
  }
  return best;
}

std::string note_neurosurgeon(const Problem& problem, const Assignment&) {
  return chain_of(problem) ? "chain: best single cut"
                           : "DAG: best single cut after a cut vertex, not necessarily the optimum";
}

/// See Growth::seconds.
double seconds_of_neurosurgeon(const Problem& problem, const Parameters&) {
  return 2.7e-8 * double(problem.layer_count()) *
         double(problem.layer_count() + problem.tensors.size());
}

}  // namespace

void register_neurosurgeon(Registry<Algorithm>& registry) {
  registry.add({.name = "neurosurgeon",
                .doc = "the best single cut between the device and one other tier",
                .citation = "Kang et al., Neurosurgeon, ASPLOS 2017, section 4.2",
                .growth = {"tiers layers (tensors + layers)", seconds_of_neurosurgeon},
                .within = {.pins = true, .memory = true, .deadline = true},
                .solve = solve_neurosurgeon,
                .note = note_neurosurgeon});
}

}  // namespace offcut::partition
