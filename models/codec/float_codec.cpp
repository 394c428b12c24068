// The header that all codecs share, and the checks around each kind's own payload: values must be
// finite, and the header must not claim more elements than the payload can have.
#include "models/codec/float_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace offcut::codec {
namespace {

constexpr std::size_t kLongRank = 15;

void check_finite(std::span<const float> values) {
  const auto invalid =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (invalid != values.end()) {
    throw std::invalid_argument(fmt::format("element {} is {}; codecs take finite numbers",
                                            invalid - values.begin(),
                                            std::isnan(*invalid) ? "NaN" : "infinite"));
  }
}

void write_header(std::uint8_t tag, const TensorType& type, ByteWriter& out) {
  const std::size_t rank = type.shape.size();
  out.byte(tag);
  out.byte(static_cast<std::uint8_t>(static_cast<std::size_t>(type.type) | std::min(rank, kLongRank)
                                                                               << 4));
  if (rank >= kLongRank) {
    out.varint(rank);
  }
  for (const std::int64_t extent : type.shape) {
    out.varint(static_cast<std::uint64_t>(extent));
  }
}

std::int64_t header_bytes(const TensorType& type) {
  const std::size_t rank = type.shape.size();
  std::int64_t bytes = 2 + (rank >= kLongRank ? varint_bytes(rank) : 0);
  for (const std::int64_t extent : type.shape) {
    bytes += varint_bytes(static_cast<std::uint64_t>(extent));
  }
  return bytes;
}

TensorType read_header(std::uint8_t tag, ByteReader& in) {
  if (in.byte() != tag) {
    throw std::invalid_argument("these bytes were written by another kind of codec");
  }
  const std::uint8_t code = in.byte();
  TensorType type{static_cast<DataType>(code & 0xFU), {}};
  if (type.type == DataType::absent || type.type > kLastDataType) {
    throw std::invalid_argument("the encoded tensor has no known element type");
  }
  std::uint64_t rank = code >> 4;
  if (rank == kLongRank) {
    rank = in.varint();
  }
  if (rank > in.left()) {
    throw std::invalid_argument("the encoded tensor is truncated");
  }
  for (std::uint64_t i = 0; i < rank; ++i) {
    type.shape.push_back(static_cast<std::int64_t>(in.varint()));
  }
  return type;
}

std::int64_t checked_elements(const Shape& shape) {
  try {
    return elements(shape);
  } catch (const std::length_error& error) {
    throw std::invalid_argument(fmt::format("the encoded tensor: {}", error.what()));
  }
}

}  // namespace

std::vector<std::byte> FloatCodec::encode(const Tensor& tensor) const {
  ByteWriter out;
  out.reserve(byte_bound(tensor.type()));
  write_header(tag_, tensor.type(), out);
  if (tensor.type().type != DataType::float32) {
    out.raw(tensor.bytes());
  } else if (tensor.size() > 0) {
    check_finite(tensor.values<float>());
    write(tensor.values<float>(), tensor.shape(), out);
  }
  return out.take();
}

Tensor FloatCodec::decode(std::span<const std::byte> bytes) const {
  ByteReader in(bytes);
  const TensorType type = read_header(tag_, in);
  const bool coded = type.type == DataType::float32;
  const auto left = static_cast<std::int64_t>(in.left());
  if (checked_elements(type.shape) > (coded ? most_elements(left) : left)) {
    throw std::invalid_argument("the encoded tensor is truncated");
  }
  Tensor tensor(type);
  if (!coded) {
    const auto raw = in.raw(tensor.bytes().size());
    std::copy(raw.begin(), raw.end(), tensor.bytes().begin());
  } else if (tensor.size() > 0) {
    read(in, type.shape, tensor.values<float>());
  }
  if (in.left() > 0) {
    throw std::invalid_argument(
        fmt::format("{} bytes follow the end of the encoded tensor", in.left()));
  }
  return tensor;
}

double FloatCodec::error_bound(const Tensor& tensor) const {
  return tensor.type().type == DataType::float32 && tensor.size() > 0
             ? bound(tensor.values<float>(), tensor.shape())
             : 0;
}

std::int64_t FloatCodec::byte_bound(const TensorType& type) const {
  if (type.type != DataType::float32) {
    return header_bytes(type) + type.bytes();
  }
  return header_bytes(type) + (elements(type.shape) > 0 ? payload_bound(type.shape) : 0);
}

double largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

float to_float(double value) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMost, kMost));
}

double float_rounding(double magnitude) {
  // Half a unit in the last place of 24 binary digits, or of the smallest denormal.
  return std::max(magnitude * 0x1p-24, 0x1p-150) * (1 + 1e-9);
}

}  // namespace offcut::codec
