// Pow: a to the power b, element by element, with broadcasting, of a's type. Integer powers of
// integers wrap around and must not be negative; other powers of integers are computed in double.

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"
#include "models/ops/element_types.h"

namespace offcut::ops {
namespace {

template <class T, class U>
T integer_power(T base, U exponent) {
  if (exponent < 0) {
    throw std::invalid_argument("an integer has a negative exponent");
  }
  T result = 1;
  for (; exponent > 0; exponent /= 2, base = wrapping(base, base, std::multiplies<>())) {
    result = exponent % 2 == 0 ? result : wrapping(result, base, std::multiplies<>());
  }
  return result;
}

struct Power {
  template <class T, class U>
  T operator()(T base, U exponent) const {
    if constexpr (std::is_integral_v<T> && std::is_integral_v<U>) {
      return integer_power(base, exponent);
    } else if constexpr (std::is_same_v<T, U>) {
      return std::pow(base, exponent);
    } else {
      return converted<T>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    }
  }
};

template <class F>
Tensor with_number(DataType type, F f) {
  switch (type) {
    case DataType::int64:
      return f(std::int64_t());
    case DataType::int32:
      return f(std::int32_t());
    default:
      return f(float());
  }
}

std::vector<TensorType> infer_pow(const Call& call) {
  require_inputs(call, 2, 2);
  if (call.opset < 7) {
    throw std::invalid_argument(fmt::format(
        "opset {}: only the broadcasting of opset 7 and later is supported", call.opset));
  }
  const DataType type = number_type(call);
  if (type != DataType::float32 && type != DataType::int64 && type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, only float32, int64 and int32 are supported", to_text(type)));
  }
  const DataType exponent = call.inputs[1].type;
  if (call.opset < 12) {
    require_same_type(call, 0, 1);
  } else if (exponent != DataType::float32 && exponent != DataType::int64 &&
             exponent != DataType::int32) {
    throw std::invalid_argument(fmt::format(
        "exponents are {}, only float32, int64 and int32 are supported", to_text(exponent)));
  }
  return {{type, Broadcast(call.shape(0), call.shape(1)).shape()}};
}

std::vector<Tensor> forward_pow(const Call&, std::span<const Tensor> inputs) {
  return {with_number(inputs[0].type().type, [&](auto base) {
    return with_number(inputs[1].type().type, [&](auto exponent) {
      return map_pairs<Power, decltype(base), decltype(exponent)>(inputs[0], inputs[1]);
    });
  })};
}

}  // namespace

void register_pow(Registry<Operator>& registry) {
  registry.add({.name = "Pow",
                .doc = "a to the power b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_pow,
                .macs = no_macs,
                .forward = forward_pow});
}

}  // namespace offcut::ops
