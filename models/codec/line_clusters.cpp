// K-means of numbers on a line. In the sorted values, a cluster is an interval, so that a round
// takes O(clusters log values) with prefix sums.

#include "models/codec/line_clusters.h"

#include <algorithm>
#include <cmath>

#include "models/codec/float_codec.h"

namespace offcut::codec {
namespace {

/// The clusters by Lloyd's algorithm.
class Clusters {
 public:
  Clusters(std::span<const float> values, std::size_t most, Seeds seeds, int rounds)
      : sorted_(values.begin(), values.end()) {
    std::sort(sorted_.begin(), sorted_.end());
    sums_.push_back(0);
    for (const float value : sorted_) {
      sums_.push_back(sums_.back() + value);
    }
    seed(most, seeds);
    for (int round = 0; round < rounds && refine(); ++round) {
    }
  }

  /// Returns the centroids, ascending and distinct.
  const std::vector<float>& centroids() const { return centroids_; }

 private:
  void seed(std::size_t most, Seeds seeds) {
    std::vector<float> distinct;
    for (const float value : sorted_) {
      if (distinct.empty() || distinct.back() != value) {
        distinct.push_back(value);
        if (distinct.size() > most) {
          break;
        }
      }
    }
    if (distinct.size() <= most) {
      centroids_ = std::move(distinct);
      return;
    }
    for (std::size_t i = 0; i < most; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(most - 1);
      centroids_.push_back(
          seeds == Seeds::quantiles
              ? sorted_[(2 * i + 1) * sorted_.size() / (2 * most)]
              : to_float(std::lerp(double{sorted_.front()}, double{sorted_.back()}, share)));
    }
    // The ends are seeds, so that a single outlier can get its own cluster.
    centroids_.front() = sorted_.front();
    centroids_.back() = sorted_.back();
    centroids_.erase(std::unique(centroids_.begin(), centroids_.end()), centroids_.end());
  }

  /// Moves each centroid to the mean of its nearest values. Returns false if none moved.
  bool refine() {
    std::vector<float> means;
    auto from = sorted_.begin();
    for (std::size_t i = 0; i < centroids_.size(); ++i) {
      auto to = sorted_.end();
      if (i + 1 < centroids_.size()) {
        const double middle = (double{centroids_[i]} + centroids_[i + 1]) / 2;
        to = std::upper_bound(from, sorted_.end(), middle,
                              [](double limit, float value) { return limit < value; });
      }
      if (to != from) {
        const auto first = static_cast<std::size_t>(from - sorted_.begin());
        const auto last = static_cast<std::size_t>(to - sorted_.begin());
        const double mean = (sums_[last] - sums_[first]) / static_cast<double>(last - first);
        // Prefix sums have rounding errors, but a mean must lie between its values.
        means.push_back(to_float(std::clamp<double>(mean, *from, *(to - 1))));
      }
      from = to;
    }
    means.erase(std::unique(means.begin(), means.end()), means.end());
    const bool moved = means != centroids_;
    centroids_ = std::move(means);
    return moved;
  }

  std::vector<float> sorted_;
  std::vector<double> sums_;  // The sum of the first i values.
  std::vector<float> centroids_;
};

}  // namespace

std::vector<float> line_clusters(std::span<const float> values, std::size_t most, Seeds seeds,
                                 int rounds) {
  return Clusters(values, most, seeds, rounds).centroids();
}

std::size_t nearest_centroid(const std::vector<float>& centroids, float value) {
  const auto above = std::lower_bound(centroids.begin(), centroids.end(), value);
  const auto index = static_cast<std::size_t>(above - centroids.begin());
  if (index == centroids.size()) {
    return index - 1;
  }
  if (index == 0) {
    return 0;
  }
  return double{value} - centroids[index - 1] <= double{centroids[index]} - value ? index - 1
                                                                                  : index;
}

}  // namespace offcut::codec
