#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagTopK = 0x50;
constexpr double kLeastShare = 1e-4;

enum class Places : std::uint8_t { flags, indices };

/// The values of largest magnitude, as they are; the others become 0. Where they stand is said by a
/// bit for each element, or by their indices, whichever is shorter.
class TopK : public FloatCodec {
 public:
  explicit TopK(double share) : FloatCodec(kTagTopK), share_(share) {}

  CodingWork work() const override { return {.encode = 330, .decode = 40}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const std::vector<std::uint32_t> kept = chosen(values);
    const auto all = static_cast<std::int64_t>(values.size());
    const auto count = static_cast<std::int64_t>(kept.size());
    out.varint(kept.size());
    if (index_bytes(all, count) < packed_bytes(all, 1)) {
      out.byte(static_cast<std::uint8_t>(Places::indices));
      BitPacker packer(out, index_bits(all));
      for (const std::uint32_t index : kept) {
        packer.add(index);
      }
      packer.finish();
    } else {
      out.byte(static_cast<std::uint8_t>(Places::flags));
      BitPacker packer(out, 1);
      for (std::size_t i = 0, next = 0; i < values.size(); ++i) {
        const bool here = next < kept.size() && kept[next] == i;
        packer.add(here ? 1 : 0);
        next += here ? 1 : 0;
      }
      packer.finish();
    }
    for (const std::uint32_t index : kept) {
      out.float32(values[index]);
    }
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const std::uint64_t count = in.varint();
    const auto places = static_cast<Places>(in.byte());
    if (count > values.size() || count > in.left() || places > Places::indices) {
      throw std::invalid_argument("the encoded tensor keeps more values than it has");
    }
    std::vector<std::uint32_t> kept;
    if (places == Places::indices) {
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
      throw std::invalid_argument("the encoded tensor says in two ways how many values it keeps");
    }
    std::fill(values.begin(), values.end(), 0.0F);
    for (const std::uint32_t index : kept) {
      if (index >= values.size()) {
        throw std::invalid_argument("the encoded tensor keeps a value behind its end");
      }
      values[index] = in.float32();
    }
  }

  /// Exact: the largest value that is left out.
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

  /// A tensor of zeros keeps none, so the count cannot limit the elements; the flags do, and
  /// indices of so many bits.
  std::int64_t most_elements(std::int64_t) const override { return kMostElements; }

 private:
  // An index has 32 bits.
  static constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

  static int index_bits(std::int64_t all) { return bits_for(static_cast<std::uint64_t>(all - 1)); }
  static std::int64_t index_bytes(std::int64_t all, std::int64_t count) {
    return packed_bytes(count, index_bits(all));
  }

  std::int64_t most_kept(std::int64_t all) const {
    return std::min(all, static_cast<std::int64_t>(std::ceil(share_ * static_cast<double>(all))));
  }

  /// Indices, ascending. Of equal magnitudes the first; never zeros.
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
                .doc = "the values of largest magnitude as they are, the others 0",
                .tag = kTagTopK,
                .parameters = {{.name = "share",
                                .fallback = 0.1,
                                .least = kLeastShare,
                                .most = 1,
                                .doc = "of the values that are kept"}},
                .make = make_top_k});
}

}  // namespace offcut::codec
