#pragma once

#include <bit>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>

#include "models/base/random.h"
#include "models/graph/tensor.h"

namespace offcut::codec {

/// Draws finite float32 tensors that are difficult for codecs: any bit pattern, denormals,
/// constants, zeros of both signs, one outlier, the largest floats, values that differ in one bit,
/// and typical outputs of layers.
class RandomTensors {
 public:
  explicit RandomTensors(std::uint64_t seed) : stream_(random_stream(seed, "codec tensors")) {}

  Tensor next() {
    Tensor tensor(TensorType{DataType::float32, shape()});
    const int kind = pick(0, kKinds - 1);
    const float scale = std::ldexp(1.0F, pick(-130, 100));
    for (float& value : tensor.values<float>()) {
      value = element(kind, scale);
    }
    if (kind == kOutlier && tensor.size() > 0) {
      tensor
          .values<float>()[static_cast<std::size_t>(pick(0, static_cast<int>(tensor.size()) - 1))] =
          1e6F * scale;
    }
    return tensor;
  }

 private:
  enum Kind {
    kNormal,
    kRelu,
    kBits,
    kDenormal,
    kConstant,
    kZero,
    kOutlier,
    kHuge,
    kNear,
    kFew,
    kKinds
  };

  int pick(int least, int most) {
    return boost::random::uniform_int_distribution<int>(least, most)(stream_);
  }
  float normal() {
    return static_cast<float>(boost::random::normal_distribution<double>(0, 1)(stream_));
  }

  Shape shape() {
    Shape shape;
    for (int rank = pick(0, 4); rank > 0; --rank) {
      shape.push_back(pick(0, 20) == 0 ? 0 : pick(1, 6));
    }
    return shape;
  }

  float element(int kind, float scale) {
    switch (kind) {
      case kRelu:
        return std::max(0.0F, normal());
      case kBits: {
        const float value = std::bit_cast<float>(static_cast<std::uint32_t>(stream_()));
        return std::isfinite(value) ? value : std::numeric_limits<float>::max();
      }
      case kDenormal:
        return static_cast<float>(pick(-100, 100)) * std::numeric_limits<float>::denorm_min();
      case kConstant:
        return scale;
      case kZero:
        return pick(0, 1) == 0 ? 0.0F : -0.0F;
      case kHuge:
        return (pick(0, 1) == 0 ? 1.0F : -1.0F) * std::numeric_limits<float>::max();
      case kNear:
        return std::nextafter(1.0F, static_cast<float>(pick(0, 2)));
      case kFew:
        return static_cast<float>(pick(-2, 2)) * scale;
      default:
        return normal() * scale;
    }
  }

  RandomStream stream_;
};

}  // namespace offcut::codec
