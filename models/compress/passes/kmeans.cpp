// Weight sharing: the weights of a layer become the means of their clusters. Pruned weights stay 0,
// and count as no cluster. In training, a weight keeps its cluster (sharing.h).

#include "models/codec/line_clusters.h"
#include "models/compress/rules.h"
#include "models/compress/sharing.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

constexpr int kMostRounds = 300;

Sharing sharing_of(const Tensor& weights, std::size_t clusters, codec::Seeds seeds) {
  std::vector<float> kept;
  for (const float weight : weights.values<float>()) {
    if (weight != 0) {
      kept.push_back(weight);
    }
  }
  Sharing sharing{.cluster = std::vector<std::uint16_t>(weights.values<float>().size(), 0)};
  if (kept.empty()) {
    return sharing;
  }
  const std::vector<float> centroids = codec::line_clusters(kept, clusters, seeds, kMostRounds);
  sharing.clusters = centroids.size();
  for (std::size_t i = 0; i < sharing.cluster.size(); ++i) {
    sharing.cluster[i] =
        static_cast<std::uint16_t>(codec::nearest_centroid(centroids, weights.values<float>()[i]));
  }
  return sharing;
}

Network share_weights(const Network& network, const Parameters& parameters,
                      const Material& /*material*/) {
  Changes changes(network);
  const auto given = static_cast<std::size_t>(parameters.at("clusters"));
  const std::size_t clusters =
      given > 0 ? given : std::size_t{1} << static_cast<unsigned>(parameters.at("bits"));
  const codec::Seeds seeds =
      parameters.text("init") == "linear" ? codec::Seeds::linear : codec::Seeds::quantiles;
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    const Tensor weights = read_parameter(network.graph.tensor(target.tensor));
    changes.project(target.name, shared_values(sharing_of(weights, clusters, seeds)));
  }
  return changes.network();
}

}  // namespace

void register_kmeans(Registry<Pass>& registry) {
  registry.add({.name = "kmeans",
                .doc = "the weights of a layer share the values of a codebook",
                .citation = "Han, Mao, Dally, \"Deep Compression\", ICLR 2016, section 3",
                .parameters = {{.name = "bits",
                                .is_whole = true,
                                .fallback = 5,
                                .least = 1,
                                .most = 8,
                                .doc = "bits of a code; 2^bits values beside 0"},
                               {.name = "clusters",
                                .is_whole = true,
                                .fallback = 0,
                                .most = 256,
                                .doc = "the number of values; 0: 2^bits",
                                .instead_of = "bits"},
                               {.name = "init",
                                .is_text = true,
                                .one_of = {"linear", "density"},
                                .doc = "the first values: evenly spaced, or quantiles"},
                               targets_parameter()},
                .apply = share_weights});
}

}  // namespace offcut::compress
