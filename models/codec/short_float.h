#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "models/codec/float_codec.h"

namespace offcut::codec {

/// The codec of 16-bit floats, rounded to nearest, ties to even. Half is Eigen's type for them. A
/// value that is too large becomes the largest finite number.
template <class Half>
class ShortFloatCodec : public FloatCodec {
 public:
  ShortFloatCodec(std::uint8_t tag, CodingWork work) : FloatCodec(tag), work_(work) {}

  CodingWork work() const override { return work_; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    for (const float value : values) {
      out.fixed(std::bit_cast<std::uint16_t>(Half(std::clamp(value, -kMost, kMost))));
    }
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    for (float& value : values) {
      value = static_cast<float>(std::bit_cast<Half>(in.fixed<std::uint16_t>()));
    }
  }

  double bound(std::span<const float> values, const Shape&) const override {
    using Limits = std::numeric_limits<Half>;
    const double largest = largest_magnitude(values);
    const double most = kMost;
    // Half a unit in the last place of the largest number, or of the denormals.
    const double half_unit = std::ldexp(1.0, -Limits::digits);
    const double smallest = static_cast<double>(static_cast<float>(Limits::denorm_min()));
    return std::max({largest - most, std::min(largest, most) * half_unit, smallest / 2});
  }

  std::int64_t payload_bound(const Shape& shape) const override { return 2 * elements(shape); }

 private:
  CodingWork work_;
  inline static const float kMost = static_cast<float>(std::numeric_limits<Half>::max());
};

}  // namespace offcut::codec
