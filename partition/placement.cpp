#include "partition/placement.h"

#include <algorithm>
#include <set>

namespace offcut::partition {

std::vector<std::vector<LayerId>> Placement::layers() const {
  std::vector<std::vector<LayerId>> of_tier(tiers.size());
  for (LayerId id = 0; id < tier_of.size(); ++id) {
    of_tier.at(tier_of[id]).push_back(id);
  }
  return of_tier;
}

Placement uncut(const Graph& graph) {
  return {.tiers = {"device"}, .tier_of = Assignment(graph.layer_count(), 0)};
}

std::vector<CutTensor> crossings(const Graph& graph, const Placement& placement) {
  std::vector<CutTensor> all;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter()) {
      continue;  // Every tier has the weights.
    }
    const std::size_t from = tensor.producer ? placement.tier_of[*tensor.producer] : 0;
    std::set<std::size_t> to;
    for (const LayerId reader : tensor.consumers) {
      to.insert(placement.tier_of[reader]);
    }
    to.erase(from);
    if (!to.empty()) {
      all.push_back({id, from, {to.begin(), to.end()}});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const CutTensor& a, const CutTensor& b) { return a.from < b.from; });
  return all;
}

}  // namespace offcut::partition
