// Recognises chains: every tensor must be read by the next layer, or by none. Boundaries sum up the
// tensors at each possible cut of a chain.

#include "partition/solvers/chain.h"

#include <algorithm>

namespace offcut::partition {

std::optional<Chain> chain_of(const Problem& problem) {
  std::vector<bool> reads(problem.layer_count(), false);
  std::vector<bool> makes(problem.layer_count(), false);
  for (const CrossingTensor& tensor : problem.tensors) {
    if (tensor.producer) {
      makes[*tensor.producer] = true;
    }
    for (const LayerId reader : tensor.consumers) {
      reads[reader] = true;
    }
  }
  Chain chain;
  std::vector<std::size_t> place(problem.layer_count());
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    const auto& pinned = problem.goal.limits.pinned;
    if (reads[layer]) {
      place[layer] = chain.layers.size();
      chain.layers.push_back(layer);
    } else if (!makes[layer] && std::binary_search(pinned.begin(), pinned.end(), layer)) {
      chain.beside.push_back(layer);
    } else {
      return std::nullopt;
    }
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::size_t next = tensor.producer ? place[*tensor.producer] + 1 : 0;
    for (const LayerId reader : tensor.consumers) {
      if (place[reader] != next) {
        return std::nullopt;
      }
    }
  }
  return chain;
}

std::vector<Chain::Boundary> boundaries_of(const CostTable& costs, const Chain& chain) {
  const std::vector<Seconds> none(costs.tier_count());
  std::vector<Chain::Boundary> all(chain.layers.size() + 1, {.encode = none, .decode = none});
  std::vector<std::size_t> place(costs.layer_count());
  for (std::size_t i = 0; i < chain.layers.size(); ++i) {
    place[chain.layers[i]] = i;
  }
  for (const CrossingTensor& tensor : costs.tensors) {
    const std::size_t made = tensor.producer ? place[*tensor.producer] + 1 : 0;
    if (!tensor.consumers.empty()) {
      all[made].up += tensor.outward_bytes();
      for (std::size_t tier = 0; tensor.coding && tier < none.size(); ++tier) {
        all[made].encode[tier] += tensor.coding->encode[tier];
        all[made].decode[tier] += tensor.coding->decode[tier];
      }
    }
    for (std::size_t i = 0; tensor.is_output && i < made; ++i) {
      all[i].down += tensor.bytes;
      all[i].answers = true;
    }
  }
  return all;
}

}  // namespace offcut::partition
