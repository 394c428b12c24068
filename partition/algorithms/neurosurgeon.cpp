// neurosurgeon: the best single cut between the device and one other tier, by trying them all (Kang
// et al., "Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge", ASPLOS
// 2017, section 4.2: argmin over j of sum TM_i (i <= j) + D_j / B + sum TC_i (i > j)).
//
// Deviations: the answer's way back and the hop latency count, as in every plan here (the paper
// leaves them out). With more than two tiers, each of the others is tried as the place of the tail.
// The paper's networks are chains. On a DAG a single cut is one where all that crosses was made by
// one layer (or all are inputs), whatever the order in which the layers stand. Where a layer is
// followed by branches that do not meet again, each of them may stay or go. Such an answer need not
// be the DAG's optimum, and says so. O(n * tensors * tiers), and twice that for each branch behind
// one layer that reads other tensors of it than the rest.

#include <fmt/format.h>

#include <algorithm>
#include <boost/pending/disjoint_sets.hpp>
#include <map>
#include <set>

#include "partition/algorithm.h"

namespace offcut {
namespace {

/// A cut lies behind a layer, or behind this: the inputs.
constexpr LayerId kInputs = static_cast<LayerId>(-1);

/// Layers that are together on either side of every cut behind one source, since tensors that must
/// not cross connect them.
struct Branch {
  std::vector<LayerId> layers;
  std::set<std::size_t> reads;  // positions of the source's tensors
  Bytes answer;                 // of outputs that it makes
  bool answers = false;
};

/// The branches behind a source; what must stay on the device is in none of them.
std::vector<Branch> branches_behind(const Problem& problem, LayerId source) {
  const std::size_t device = problem.layer_count();  // stands for what must stay there
  boost::disjoint_sets_with_storage<> sets(device + 1);
  if (source != kInputs) {
    sets.union_set(device, source);
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer.value_or(kInputs) != source) {
        sets.union_set(tensor.producer.value_or(device), reader);
      }
    }
  }
  std::map<std::size_t, Branch> branch_of;  // by representative
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    branch_of[sets.find_set(layer)].layers.push_back(layer);
  }
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const CrossingTensor& tensor = problem.tensors[i];
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer.value_or(kInputs) == source) {
        branch_of[sets.find_set(reader)].reads.insert(i);
      }
    }
    if (tensor.producer && tensor.is_output) {
      branch_of[sets.find_set(*tensor.producer)].answers = true;
      branch_of[sets.find_set(*tensor.producer)].answer += tensor.bytes;
    }
  }
  branch_of.erase(sets.find_set(device));
  std::vector<Branch> branches;
  for (auto& [representative, branch] : branch_of) {
    branches.push_back(std::move(branch));
  }
  return branches;
}

/// Whether a branch is better on `tier` than on the device once there are messages that way anyhow.
bool saves_time(const Problem& problem, const Branch& branch, std::size_t tier) {
  Seconds saved;
  for (const LayerId layer : branch.layers) {
    saved += problem.seconds[0][layer] - problem.seconds[tier][layer];
  }
  for (std::size_t hop = 0; hop < tier; ++hop) {
    saved -= branch.answer / problem.hops[hop].down;
  }
  return saved > Seconds(0);
}

/// The cheapest plan seen so far.
struct Best {
  Assignment tier_of;
  Seconds latency;

  void consider(const Problem& problem, Assignment candidate) {
    const Seconds seconds = evaluate(problem, candidate).latency();
    if (seconds < latency) {
      latency = seconds;
      tier_of = std::move(candidate);
    }
  }
};

/// So many branches that read different tensors of one source are told apart: 2^12 cuts to try.
constexpr std::size_t kMostReads = 12;

/// Tries all cuts behind a source with the tail on `tier`. Branches that read the same tensors
/// share the cost of sending them, and all that answer share the latency of the way back; once it
/// is settled which of these costs are paid, each branch goes where it is faster. Returns false
/// where these costs have too many combinations.
bool try_cuts(const Problem& problem, const std::vector<Branch>& branches, std::size_t tier,
              Best& best) {
  std::set<std::set<std::size_t>> all_reads;
  for (const Branch& branch : branches) {
    all_reads.insert(branch.reads);
  }
  const std::vector<std::set<std::size_t>> reads(all_reads.begin(), all_reads.end());
  if (reads.size() > kMostReads) {
    return false;
  }
  for (std::size_t chosen = 1; chosen < std::size_t{1} << reads.size(); ++chosen) {
    for (const bool may_answer : {false, true}) {
      Assignment candidate(problem.layer_count(), 0);
      for (const Branch& branch : branches) {
        const auto group = std::lower_bound(reads.begin(), reads.end(), branch.reads);
        const bool is_chosen =
            (chosen >> static_cast<std::size_t>(group - reads.begin()) & 1U) != 0;
        if (is_chosen && (may_answer || !branch.answers) && saves_time(problem, branch, tier)) {
          for (const LayerId layer : branch.layers) {
            candidate[layer] = tier;
          }
        }
      }
      best.consider(problem, std::move(candidate));
    }
  }
  return true;
}

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters&) {
  const Assignment on_device(problem.layer_count(), 0);
  Best best{on_device, evaluate(problem, on_device).latency()};
  for (LayerId i = 0; i < problem.layer_count(); ++i) {  // nobody reads what the last layer makes
    const LayerId source = i == 0 ? kInputs : i - 1;
    const std::vector<Branch> branches = branches_behind(problem, source);
    for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
      if (!try_cuts(problem, branches, tier, best)) {
        return Declined{fmt::format("more than {} branches read different outputs of {}",
                                    kMostReads,
                                    i == 0 ? "the inputs" : "'" + problem.layers[source] + "'")};
      }
    }
  }
  return best.tier_of;
}

/// Each layer reads what the one before it makes, and nothing else does.
bool is_chain(const Problem& problem) {
  std::set<LayerId> fed;
  for (const CrossingTensor& tensor : problem.tensors) {
    const LayerId next = tensor.producer ? *tensor.producer + 1 : 0;
    for (const LayerId reader : tensor.consumers) {
      if (reader != next) {
        return false;
      }
      fed.insert(reader);
    }
  }
  return fed.size() == problem.layer_count();
}

std::string note(const Problem& problem, const Assignment&) {
  return is_chain(problem)
             ? "chain: best single cut"
             : "DAG: best cut through one layer's outputs, not necessarily the optimum";
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
