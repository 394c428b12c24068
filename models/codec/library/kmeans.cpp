// A codebook made by k-means. Everything is deterministic: the seeds are quantiles, not random
// draws.
#include <algorithm>
#include <cmath>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/line_clusters.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagKmeans = 0x40;
constexpr int kMostRounds = 25;  // Later rounds of Lloyd's algorithm rarely move a boundary.

/// Writes a codebook of k numbers, then for each value the index of the nearest one (Han, Mao,
/// Dally, "Deep Compression", ICLR 2016, section 3: n log2(k) + 32 k bits).
class KMeans : public FloatCodec {
 public:
  explicit KMeans(std::size_t clusters) : FloatCodec(kTagKmeans), clusters_(clusters) {}

  CodingWork work() const override { return {.encode = 1500, .decode = 20}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const std::vector<float> centroids = clusters_of(values);
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
    const std::vector<float> centroids = clusters_of(values);
    double worst = 0;
    for (const float value : values) {
      const float nearest = centroids[nearest_centroid(centroids, value)];
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
  std::vector<float> clusters_of(std::span<const float> values) const {
    return line_clusters(values, clusters_, Seeds::quantiles, kMostRounds);
  }

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
