#pragma once

#include "models/codec/codec.h"

namespace offcut::codec {

/// Packs another codec's bytes with zstd, without loss, or stores them unpacked if that is shorter.
/// One byte at the front says which, so it never adds more than one byte.
class ZstdCodec : public Codec {
 public:
  static constexpr std::int64_t kHeaderBytes = 1;
  static constexpr std::uint8_t kPackedTag = 0xF0;
  static constexpr std::uint8_t kStoredTag = 0xF1;

  /// REQUIRES: 1 <= level <= 22.
  ZstdCodec(std::shared_ptr<const Codec> inner, int level)
      : inner_(std::move(inner)), level_(level) {}

  std::vector<std::byte> encode(const Tensor& tensor) const override;
  Tensor decode(std::span<const std::byte> bytes) const override;
  double error_bound(const Tensor& tensor) const override { return inner_->error_bound(tensor); }
  std::int64_t byte_bound(const TensorType& type) const override {
    return inner_->byte_bound(type) + kHeaderBytes;
  }
  CodingWork work() const override;
  bool wants_feedback() const override { return inner_->wants_feedback(); }

  /// Returns the other codec's bytes. Throws std::invalid_argument if no ZstdCodec wrote these.
  static std::vector<std::byte> unpack(std::span<const std::byte> bytes);

 private:
  std::shared_ptr<const Codec> inner_;
  int level_;
};

}  // namespace offcut::codec
