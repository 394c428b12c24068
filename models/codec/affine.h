#pragma once

#include "models/codec/float_codec.h"

namespace offcut::codec {

/// Maps [low, high] to the integers 0 to 2^bits - 1:
///
///     X_int = round(X * scale + shift),  scale = (2^bits - 1) / (high - low),  shift = -low *
///     scale
///
/// in double precision, so that no range of floats overflows. If low and high are equal, every
/// integer stands for that number.
class AffineMap {
 public:
  AffineMap(float low, float high, int bits);

  std::uint32_t quantize(float value) const;
  float restore(std::uint32_t integer) const;

  /// Returns the bound for values within the range: half a step plus the rounding to float.
  double error_bound() const;

 private:
  double low_;
  double high_;
  double most_;  // The largest integer.
  double step_;
};

/// The codec of affine integers. It writes the range (two floats) of the tensor or of each channel,
/// then the packed integers.
class AffineCodec : public FloatCodec {
 public:
  AffineCodec(std::uint8_t tag, int bits, bool per_channel)
      : FloatCodec(tag), bits_(bits), per_channel_(per_channel) {}

  CodingWork work() const override;
  std::shared_ptr<const CodecSteps> steps() const override;

 protected:
  void write(std::span<const float> values, const Shape& shape, ByteWriter& out) const override;
  void read(ByteReader& in, const Shape& shape, std::span<float> values) const override;
  double bound(std::span<const float> values, const Shape& shape) const override;
  std::int64_t payload_bound(const Shape& shape) const override;

 private:
  int bits_;
  bool per_channel_;
};

}  // namespace offcut::codec
