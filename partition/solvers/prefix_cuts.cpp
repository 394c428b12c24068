#include "partition/solvers/prefix_cuts.h"

#include <algorithm>

namespace offcut::partition {

Seconds PrefixCut::upload(const CostTable& costs) const {
  return cost.up_bytes[0] / costs.hops[0].rate(true);
}

std::vector<PrefixCut> prefix_cuts(const CostTable& costs) {
  std::vector<PrefixCut> cuts;
  Assignment tier_of(costs.layer_count(), 1);
  cuts.push_back({"input", tier_of, evaluate(costs, tier_of)});
  for (LayerId layer = 0; layer < costs.layer_count(); ++layer) {
    tier_of[layer] = 0;
    cuts.push_back({costs.layers[layer], tier_of, evaluate(costs, tier_of)});
  }
  return cuts;
}

std::size_t most_frequent(const std::vector<std::size_t>& cut_of) {
  return *std::max_element(cut_of.begin(), cut_of.end(), [&](std::size_t a, std::size_t b) {
    return std::count(cut_of.begin(), cut_of.end(), a) <
           std::count(cut_of.begin(), cut_of.end(), b);
  });
}

}  // namespace offcut::partition
