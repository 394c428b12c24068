// Sparsification: only the values of largest magnitude are written, as floats, with their positions
// as a bit mask or as packed indices, whichever is shorter.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/share.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagTopK = 0x50;
constexpr double kLeastShare = 1e-4;

enum class Positions : std::uint8_t { flags, indices };

/// Writes the values of largest magnitude unchanged; the others become 0. Their positions are a bit
/// for each element, or their indices, whichever is shorter.
class TopK : public FloatCodec {
 public:
  explicit TopK(double share) : FloatCodec(kTagTopK), share_(share) {}

  CodingWork work() const override { return {.encode = 330, .decode = 40}; }
  bool wants_feedback() const override { return true; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const std::vector<std::uint32_t> kept = chosen(values);
    const auto all = static_cast<std::int64_t>(values.size());
    const auto count = static_cast<std::int64_t>(kept.size());
    out.varint(kept.size());
    if (index_bytes(all, count) < packed_bytes(all, 1)) {
      out.byte(static_cast<std::uint8_t>(Positions::indices));
      BitPacker packer(out, index_bits(all));
      for (const std::uint32_t index : kept) {
        packer.add(index);
      }
      packer.finish();
    } else {
      out.byte(static_cast<std::uint8_t>(Positions::flags));
      BitPacker packer(out, 1);
      for (std::size_t i = 0, next = 0; i < values.size(); ++i) {
        const bool is_kept = next < kept.size() && kept[next] == i;
        packer.add(is_kept ? 1 : 0);
        next += is_kept ? 1 : 0;
      }
      packer.finish();
    }
    for (const std::uint32_t index : kept) {
      out.float32(values[index]);
    }
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const std::uint64_t count = in.varint();
    const auto positions = static_cast<Positions>(in.byte());
    if (count > values.size() || count > in.left() || positions > Positions::indices) {
      throw std::invalid_argument("the encoded tensor keeps more values than it has");
    }
    std::vector<std::uint32_t> kept;
    if (positions == Positions::indices) {
      BitUnpacker unpacker(in, index_bits(static_cast<std::int64_t>(values.size())));
      for (std::uint64_t i = 0; i < count; ++i) {
        kept.push_back(unpacker.next());
      }
    } else {
      BitUnpacker unpacker(in, 1);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (unpacker.next() == 1) {
          kept.push_back(static_cast<std::uint32_t>(i));
        }
      }
    }
    if (kept.size() != count) {
      throw std::invalid_argument("the encoded tensor has another number of values than it says");
    }
    std::fill(values.begin(), values.end(), 0.0F);
    for (const std::uint32_t index : kept) {
      if (index >= values.size()) {
        throw std::invalid_argument("the encoded tensor has a value beyond its end");
      }
      values[index] = in.float32();
    }
  }

  /// The bound is exact: the largest value that is omitted.
  double bound(std::span<const float> values, const Shape&) const override {
    const std::vector<std::uint32_t> kept = chosen(values);
    double worst = 0;
    for (std::size_t i = 0, next = 0; i < values.size(); ++i) {
      if (next < kept.size() && kept[next] == i) {
        ++next;
      } else {
        worst = std::max(worst, std::abs(double{values[i]}));
      }
    }
    return worst;
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    const std::int64_t all = elements(shape);
    const std::int64_t count = most_kept(all);
    return varint_bytes(static_cast<std::uint64_t>(count)) + 1 +
           std::min(index_bytes(all, count), packed_bytes(all, 1)) + 4 * count;
  }

  /// A tensor of zeros keeps no values and so has no indices: its payload does not limit its
  /// elements.
  std::int64_t most_elements(std::int64_t) const override { return kMostElements; }

 private:
  // Indices have 32 bits.
  static constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

  static int index_bits(std::int64_t all) { return bits_for(static_cast<std::uint64_t>(all - 1)); }
  static std::int64_t index_bytes(std::int64_t all, std::int64_t count) {
    return packed_bytes(count, index_bits(all));
  }

  std::int64_t most_kept(std::int64_t all) const {
    return std::min(all, static_cast<std::int64_t>(std::ceil(share_of(share_, all))));
  }

  /// Returns the indices of the kept values, ascending. Among equal magnitudes, the first ones are
  /// kept; zeros never are.
  std::vector<std::uint32_t> chosen(std::span<const float> values) const {
    if (static_cast<std::int64_t>(values.size()) > kMostElements) {
      throw std::invalid_argument("top-k: tensors of more than 2^28 elements are not supported");
    }
    std::vector<std::uint32_t> indices;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != 0) {
        indices.push_back(static_cast<std::uint32_t>(i));
      }
    }
    const auto count =
        static_cast<std::size_t>(most_kept(static_cast<std::int64_t>(values.size())));
    if (count < indices.size()) {
      const auto larger = [&](std::uint32_t a, std::uint32_t b) {
        const float left = std::abs(values[a]);
        const float right = std::abs(values[b]);
        return left != right ? left > right : a < b;
      };
      std::nth_element(indices.begin(), indices.begin() + static_cast<std::ptrdiff_t>(count),
                       indices.end(), larger);
      indices.resize(count);
      std::sort(indices.begin(), indices.end());
    }
    return indices;
  }

  double share_;
};

std::unique_ptr<Codec> make_top_k(const Parameters& parameters) {
  return std::make_unique<TopK>(parameters.at("share"));
}

}  // namespace

void register_top_k(Registry<CodecKind>& registry) {
  registry.add({.name = "top-k",
                .doc = "the values of largest magnitude unchanged, the others 0",
                .tag = kTagTopK,
                .parameters = {{.name = "share",
                                .fallback = 0.1,
                                .least = kLeastShare,
                                .most = 1,
                                .doc = "the share of the values that are kept"}},
                .make = make_top_k});
}

}  // namespace offcut::codec
