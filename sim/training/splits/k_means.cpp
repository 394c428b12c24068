// `k-means` divides samples by their inputs: clusters of Lloyd's algorithm, with the first centres
// of k-means++ (Arthur, Vassilvitskii, SODA 2007), one for each client up to a number of clusters.
// Several clients of a cluster share its samples at random, and large clusters have more clients.

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/training/drawing.h"
#include "sim/training/partition_samples.h"

namespace offcut::training {
namespace {

/// The inputs as points, and the clusters to which they belong.
class InputClusters {
 public:
  InputClusters(const dataset::Samples& samples, std::size_t clusters, int rounds,
                RandomStream& stream)
      : points_(samples.inputs.values<float>()),
        count_(static_cast<std::size_t>(samples.count())),
        width_(points_.size() / count_),
        cluster_of_(count_, 0) {
    choose_centres(clusters, stream);
    for (int round = 0; round < rounds && assign(); ++round) {
      move_centres();
    }
    assign();
  }

  std::vector<std::vector<std::int64_t>> members() const {
    std::vector<std::vector<std::int64_t>> all(centres_.size() / width_);
    for (std::size_t i = 0; i < count_; ++i) {
      all[cluster_of_[i]].push_back(static_cast<std::int64_t>(i));
    }
    return all;
  }

 private:
  /// In eight sums, which compile to vectors with one order of additions on every machine.
  float squared_distance(const float* a, const float* b) const {
    constexpr std::size_t kSums = 8;
    float sums[kSums] = {};
    std::size_t i = 0;
    for (; i + kSums <= width_; i += kSums) {
      for (std::size_t k = 0; k < kSums; ++k) {
        const float difference = a[i + k] - b[i + k];
        sums[k] += difference * difference;
      }
    }
    for (; i < width_; ++i) {
      sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return std::accumulate(sums, sums + kSums, 0.0F);
  }
  const float* point(std::size_t i) const { return points_.data() + i * width_; }
  std::size_t centres() const { return centres_.size() / width_; }

  /// Each centre is a point, drawn by the squared distance to the nearest centre so far.
  void choose_centres(std::size_t clusters, RandomStream& stream) {
    std::vector<double> weights(count_, 1);
    std::vector<float> nearest(count_, std::numeric_limits<float>::infinity());
    while (centres() < clusters) {
      const auto drawn = weighted_sample(weights, 1, stream);
      if (drawn.empty()) {
        return;  // All points are centres.
      }
      const float* const centre = point(drawn.front());
      centres_.insert(centres_.end(), centre, centre + width_);
      for (std::size_t i = 0; i < count_; ++i) {
        nearest[i] = std::min(nearest[i], squared_distance(point(i), centre));
        weights[i] = static_cast<double>(nearest[i]);
      }
    }
  }

  /// Returns whether a point has changed its cluster.
  bool assign() {
    bool has_changed = false;
    for (std::size_t i = 0; i < count_; ++i) {
      std::size_t best = 0;
      float least = std::numeric_limits<float>::infinity();
      for (std::size_t c = 0; c < centres(); ++c) {
        const float distance = squared_distance(point(i), centres_.data() + c * width_);
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      has_changed = has_changed || cluster_of_[i] != best;
      cluster_of_[i] = best;
    }
    return has_changed;
  }

  /// A centre without points stays where it is.
  void move_centres() {
    std::vector<double> sums(centres_.size(), 0);
    std::vector<double> counts(centres(), 0);
    for (std::size_t i = 0; i < count_; ++i) {
      double* const sum = sums.data() + cluster_of_[i] * width_;
      for (std::size_t k = 0; k < width_; ++k) {
        sum[k] += static_cast<double>(point(i)[k]);
      }
      counts[cluster_of_[i]] += 1;
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (const double count = counts[i / width_]; count > 0) {
        centres_[i] = static_cast<float>(sums[i] / count);
      }
    }
  }

  std::span<const float> points_;
  std::size_t count_, width_;
  std::vector<float> centres_;
  std::vector<std::size_t> cluster_of_;
};

/// Returns how many clients each cluster has: in proportion to its samples, but at least one.
std::vector<std::size_t> clients_by_cluster(const std::vector<std::vector<std::int64_t>>& clusters,
                                            std::size_t clients, std::size_t samples) {
  std::vector<double> shares;
  for (const std::vector<std::int64_t>& cluster : clusters) {
    shares.push_back(static_cast<double>(cluster.size()) / static_cast<double>(samples));
  }
  std::vector<std::size_t> counts = apportioned(shares, clients - clusters.size());
  for (std::size_t& count : counts) {
    ++count;
  }
  return counts;
}

ClientData divide_k_means(const Parameters& parameters, const dataset::Samples& samples,
                          std::size_t clients, std::uint64_t seed) {
  require_samples(samples, clients);
  RandomStream stream = random_stream(seed, "split k-means");
  const auto most = static_cast<std::size_t>(parameters.at("clusters"));
  const InputClusters found(samples, std::min(most, clients),
                            static_cast<int>(parameters.at("rounds")), stream);
  const auto clusters = found.members();
  const auto counts =
      clients_by_cluster(clusters, clients, static_cast<std::size_t>(samples.count()));
  std::vector<std::vector<std::int64_t>> own(clients);
  std::size_t first = 0;
  for (std::size_t c = 0; c < clusters.size(); ++c) {
    const auto order = random_order(clusters[c].size(), stream);
    for (std::size_t i = 0; i < order.size(); ++i) {
      own[first + i % counts[c]].push_back(clusters[c][order[i]]);
    }
    first += counts[c];
  }
  return finished_split(std::move(own));
}

}  // namespace

void register_k_means(Registry<SplitKind>& registry) {
  registry.add({.name = "k-means",
                .doc = "clusters of similar inputs, one for each client or shared by a few",
                .citation = "Lloyd, IEEE Trans. Inf. Theory 28(2), 1982",
                .parameters = {{.name = "clusters",
                                .is_whole = true,
                                .fallback = 10,
                                .least = 1,
                                .most = 1e5,
                                .doc = "number of clusters, at most one for each client"},
                               {.name = "rounds",
                                .is_whole = true,
                                .fallback = 20,
                                .least = 0,
                                .most = 1e4,
                                .doc = "most rounds of Lloyd's algorithm"}},
                .divide = divide_k_means});
}

}  // namespace offcut::training
