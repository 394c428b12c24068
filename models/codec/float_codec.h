#pragma once

#include "models/codec/byte_stream.h"
#include "models/codec/codec.h"

namespace offcut::codec {

/// What all codecs but lossless packing share: the header, and what is no float32. A kind of codec
/// says how the values of a float32 tensor that has some are written.
///
/// Header: the kind's tag; a byte with the element type (low half) and the rank (high half; 15: 15
/// or more, the number follows); the extents, seven bits a byte.
class FloatCodec : public Codec {
 public:
  explicit FloatCodec(std::uint8_t tag) : tag_(tag) {}

  std::vector<std::byte> encode(const Tensor& tensor) const final;
  Tensor decode(std::span<const std::byte> bytes) const final;
  double error_bound(const Tensor& tensor) const final;
  std::int64_t byte_bound(const TensorType& type) const final;

 protected:
  // Of tensors that are not empty and finite.
  virtual void write(std::span<const float> values, const Shape& shape, ByteWriter& out) const = 0;
  virtual void read(ByteReader& in, const Shape& shape, std::span<float> values) const = 0;
  virtual double bound(std::span<const float> values, const Shape& shape) const = 0;
  virtual std::int64_t payload_bound(const Shape& shape) const = 0;

  /// How many elements a payload of so many bytes can stand for at most: bytes that claim more are
  /// refused before memory is taken. A bit for each element is the least of most codecs.
  virtual std::int64_t most_elements(std::int64_t payload) const { return 8 * payload; }

 private:
  std::uint8_t tag_;
};

/// The largest absolute value; 0 where there is none.
double largest_magnitude(std::span<const float> values);

/// A real number as the nearest float that is finite.
float to_float(double value);

/// How far to_float() can be from a number of that magnitude.
double float_rounding(double magnitude);

}  // namespace offcut::codec
