// A codebook made by k-means. Values are sorted first, so that clusters are intervals and their
// means come from prefix sums. Everything is deterministic: the seeds are quantiles, not random
// draws.
#include <algorithm>
#include <cmath>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagKmeans = 0x40;
constexpr int kMostRounds = 25;  // Later rounds of Lloyd's algorithm rarely move a boundary.

/// The clusters of numbers on a line by Lloyd's algorithm. In the sorted values, a cluster is an
/// interval, so a round takes O(clusters log values) with prefix sums. The seeds are the medians of
/// groups of equally many values.
class Clusters {
 public:
  Clusters(std::span<const float> values, std::size_t most)
      : sorted_(values.begin(), values.end()) {
    std::sort(sorted_.begin(), sorted_.end());
    sums_.push_back(0);
    for (const float value : sorted_) {
      sums_.push_back(sums_.back() + value);
    }
    seed(most);
    for (int round = 0; round < kMostRounds && refine(); ++round) {
    }
  }

  /// Returns the centroids, ascending and distinct.
  const std::vector<float>& centroids() const { return centroids_; }

 private:
  void seed(std::size_t most) {
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
      centroids_.push_back(sorted_[(2 * i + 1) * sorted_.size() / (2 * most)]);
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

/// Writes a codebook of k numbers, then for each value the index of the nearest one (Han, Mao,
/// Dally, "Deep Compression", ICLR 2016, section 3: n log2(k) + 32 k bits).
class KMeans : public FloatCodec {
 public:
  explicit KMeans(std::size_t clusters) : FloatCodec(kTagKmeans), clusters_(clusters) {}

  CodingWork work() const override { return {.encode = 1500, .decode = 20}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const Clusters clusters(values, clusters_);
    const std::vector<float>& centroids = clusters.centroids();
    out.byte(static_cast<std::uint8_t>(centroids.size() - 1));
    for (const float centroid : centroids) {
      out.float32(centroid);
    }
    BitPacker packer(out, bits_for(centroids.size() - 1));
    for (const float value : values) {
      packer.add(static_cast<std::uint32_t>(nearest_centroid(centroids, value)));
    }
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    std::vector<float> centroids(std::size_t{in.byte()} + 1);
    for (float& centroid : centroids) {
      centroid = in.float32();
    }
    BitUnpacker unpacker(in, bits_for(centroids.size() - 1));
    for (float& value : values) {
      const std::uint32_t index = unpacker.next();
      if (index >= centroids.size()) {
        throw std::invalid_argument("the encoded tensor names a cluster that does not exist");
      }
      value = centroids[index];
    }
  }

  /// The bound is exact, from the same clusters as in encode().
  double bound(std::span<const float> values, const Shape&) const override {
    const Clusters clusters(values, clusters_);
    double worst = 0;
    for (const float value : values) {
      const float nearest = clusters.centroids()[nearest_centroid(clusters.centroids(), value)];
      worst = std::max(worst, std::abs(double{value} - double{nearest}));
    }
    return worst;
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    const std::int64_t values = elements(shape);
    const auto most = std::min(static_cast<std::int64_t>(clusters_), values);
    return 1 + 4 * most + packed_bytes(values, bits_for(static_cast<std::uint64_t>(most - 1)));
  }

 private:
  std::size_t clusters_;
};

std::unique_ptr<Codec> make_kmeans(const Parameters& parameters) {
  return std::make_unique<KMeans>(static_cast<std::size_t>(whole_number(parameters, "clusters")));
}

}  // namespace

void register_kmeans(Registry<CodecKind>& registry) {
  registry.add({.name = "kmeans",
                .doc = "a codebook made by k-means, and for each value its nearest entry",
                .tag = kTagKmeans,
                .parameters = {{.name = "clusters",
                                .fallback = 16,
                                .least = 1,
                                .most = 256,
                                .doc = "entries of the codebook"}},
                .make = make_kmeans});
}

}  // namespace offcut::codec
