// Conversions between element types. Floats of 16 bits go through float32, with Eigen's roundings.

#include "models/ops/convert.h"

#include <Eigen/Core>
#include <algorithm>
#include <bit>

#include "models/ops/element_types.h"

namespace offcut::ops {
namespace {

/// Half is Eigen's type for the elements, Bits ours.
template <class Half, class Bits>
Tensor widen_short(const Tensor& input) {
  Tensor output(TensorType{DataType::float32, input.shape()});
  const auto from = input.values<Bits>();
  std::transform(from.begin(), from.end(), output.values<float>().begin(),
                 [](Bits bits) { return static_cast<float>(std::bit_cast<Half>(bits)); });
  return output;
}

template <class Half, class Bits>
Tensor narrow_to_short(const Tensor& floats) {
  Tensor output(TensorType{kDataType<Bits>, floats.shape()});
  const auto from = floats.values<float>();
  std::transform(from.begin(), from.end(), output.values<Bits>().begin(),
                 [](float x) { return std::bit_cast<Bits>(Half(x)); });
  return output;
}

Tensor convert_plain(const Tensor& input, DataType to) {
  return with_element_type(to, [&](auto a) {
    return with_element_type(input.type().type, [&](auto b) {
      using To = decltype(a);
      using From = decltype(b);
      Tensor output(TensorType{to, input.shape()});
      const auto from = input.values<From>();
      std::transform(from.begin(), from.end(), output.values<To>().begin(), converted<To, From>);
      return output;
    });
  });
}

}  // namespace

Tensor convert(const Tensor& input, DataType to) {
  if (to == input.type().type) {
    return input;
  }
  switch (input.type().type) {
    case DataType::float16:
      return convert(widen_short<Eigen::half, Float16>(input), to);
    case DataType::bfloat16:
      return convert(widen_short<Eigen::bfloat16, BFloat16>(input), to);
    default:
      break;
  }
  switch (to) {
    case DataType::float16:
      return narrow_to_short<Eigen::half, Float16>(convert(input, DataType::float32));
    case DataType::bfloat16:
      return narrow_to_short<Eigen::bfloat16, BFloat16>(convert(input, DataType::float32));
    default:
      return convert_plain(input, to);
  }
}

}  // namespace offcut::ops
