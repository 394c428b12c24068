// Lossless packing of another codec's bytes with zstd. The size in zstd's frame is checked against
// its largest possible ratio before memory is allocated, because bytes may be damaged.
#include "models/codec/zstd_codec.h"

#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <stdexcept>

namespace offcut::codec {
namespace {

// A block of 128 KiB takes at least 4 bytes, so a larger ratio is refused before memory is
// allocated.
constexpr unsigned long long kMostRatio = 128ULL * 1024 / 4;

// These figures are measured by tests/bench/codecs.cpp on 65,536 activations in int8, for levels 1
// to 22; neighbouring levels that do the same on so few bytes have the same figure.
constexpr std::array<double, 22> kEncode = {50,   112,  175,  175,  245,  315,  365,  435,
                                            535,  675,  1030, 1030, 1210, 1700, 1700, 1780,
                                            1780, 1780, 3500, 3500, 3500, 3500};
constexpr double kDecode = 20;

[[noreturn]] void not_packed() {
  throw std::invalid_argument("these bytes are not packed with zstd, or are damaged");
}

}  // namespace

std::vector<std::byte> ZstdCodec::encode(const Tensor& tensor) const {
  const std::vector<std::byte> plain = inner_->encode(tensor);
  std::vector<std::byte> packed(1 + ZSTD_compressBound(plain.size()));
  const std::size_t size =
      ZSTD_compress(packed.data() + 1, packed.size() - 1, plain.data(), plain.size(), level_);
  if (ZSTD_isError(size) != 0) {
    throw std::runtime_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  }
  if (size < plain.size()) {
    packed.front() = std::byte{kPackedTag};
    packed.resize(size + 1);
    return packed;
  }
  packed.assign(1, std::byte{kStoredTag});
  packed.insert(packed.end(), plain.begin(), plain.end());
  return packed;
}

std::vector<std::byte> ZstdCodec::unpack(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    not_packed();
  }
  const auto rest = bytes.subspan(1);
  if (bytes.front() == std::byte{kStoredTag}) {
    return {rest.begin(), rest.end()};
  }
  const unsigned long long size = ZSTD_getFrameContentSize(rest.data(), rest.size());
  if (bytes.front() != std::byte{kPackedTag} || size == ZSTD_CONTENTSIZE_ERROR ||
      size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostRatio * rest.size()) {
    not_packed();
  }
  std::vector<std::byte> plain(size);
  if (ZSTD_decompress(plain.data(), plain.size(), rest.data(), rest.size()) != size) {
    not_packed();
  }
  return plain;
}

Tensor ZstdCodec::decode(std::span<const std::byte> bytes) const {
  return inner_->decode(unpack(bytes));
}

CodingWork ZstdCodec::work() const {
  const CodingWork inner = inner_->work();
  return {.encode = inner.encode + kEncode.at(static_cast<std::size_t>(level_ - 1)),
          .decode = inner.decode + kDecode};
}

}  // namespace offcut::codec
