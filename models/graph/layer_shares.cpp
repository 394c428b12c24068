#include "models/graph/layer_shares.h"

#include <numeric>

namespace offcut {

std::vector<double> layer_shares(const Graph& graph, std::span<const LayerId> layers) {
  std::vector<double> macs;
  std::vector<double> bytes;
  for (const LayerId id : layers) {
    macs.push_back(graph.layer(id).work.macs);
    bytes.push_back(graph.layer(id).work.activation_bytes);
  }
  for (std::vector<double> shares : {macs, bytes}) {
    const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
    if (total > 0) {
      for (double& share : shares) {
        share /= total;
      }
      return shares;
    }
  }
  return std::vector<double>(layers.size(), 1 / static_cast<double>(layers.size()));
}

}  // namespace offcut
