#pragma once

#include "models/codec/byte_stream.h"
#include "models/codec/codec.h"

namespace offcut::codec {

/// The common part of all codecs except lossless packing: the header, and tensors of types other
/// than float32. A kind of codec defines how the values of a non-empty float32 tensor are written.
///
/// The header is the kind's tag; a byte with the element type (low half) and the rank (high half;
/// 15 means 15 or more, and the rank follows); and the extents, seven bits per byte.
class FloatCodec : public Codec {
 public:
  explicit FloatCodec(std::uint8_t tag) : tag_(tag) {}

  std::vector<std::byte> encode(const Tensor& tensor) const final;
  Tensor decode(std::span<const std::byte> bytes) const final;
  double error_bound(const Tensor& tensor) const final;
  std::int64_t byte_bound(const TensorType& type) const final;

 protected:
  // These are for finite values of tensors that are not empty.
  virtual void write(std::span<const float> values, const Shape& shape, ByteWriter& out) const = 0;
  virtual void read(ByteReader& in, const Shape& shape, std::span<float> values) const = 0;
  virtual double bound(std::span<const float> values, const Shape& shape) const = 0;
  virtual std::int64_t payload_bound(const Shape& shape) const = 0;

  /// Returns the most elements that a payload of so many bytes can encode: bytes that claim more
  /// are refused before memory is allocated. Most codecs need at least one bit per element.
  virtual std::int64_t most_elements(std::int64_t payload) const { return 8 * payload; }

 private:
  std::uint8_t tag_;
};

/// Returns the largest absolute value; 0 if there are no values.
double largest_magnitude(std::span<const float> values);

/// Rounds to the nearest finite float.
float to_float(double value);

/// Returns the largest error of to_float() for a number of this magnitude.
double float_rounding(double magnitude);

}  // namespace offcut::codec
