// Codebooks in training: the cluster of a weight stays, and its value is the mean of its weights,
// so that it moves by the mean of their gradients.

#include "models/compress/sharing.h"

#include <memory>

namespace offcut::compress {
namespace {

/// The sums are exact where all weights of a cluster are equal: the mean of means is the same
/// float.
Tensor means_of(const Sharing& sharing, const Tensor& master) {
  Tensor result(master.type());
  const auto from = master.values<float>();
  const auto to = result.values<float>();
  std::vector<double> sums(sharing.clusters, 0);
  std::vector<double> counts(sharing.clusters, 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) {
      sums[sharing.cluster[i]] += from[i];
      counts[sharing.cluster[i]] += 1;
    }
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = from[i] == 0
                ? 0.0F
                : static_cast<float>(sums[sharing.cluster[i]] / counts[sharing.cluster[i]]);
  }
  return result;
}

}  // namespace

train::WeightRule shared_values(Sharing sharing) {
  return [kept = std::make_shared<const Sharing>(std::move(sharing))](const Tensor& master) {
    return means_of(*kept, master);
  };
}

}  // namespace offcut::compress
