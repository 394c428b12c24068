// Mod: the remainder of a / b, element by element, with numpy's broadcasting: with the sign of b
// (fmod = 0, integers only), or with the sign of a as in C (fmod = 1). Integer division by zero is
// an error.

#include <cmath>
#include <stdexcept>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

template <class T>
T remainder(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) {
      throw std::invalid_argument("integer division by zero");
    }
    return static_cast<std::make_signed_t<T>>(b) == -1 && std::is_signed_v<T>
               ? T{0}  // The quotient of the smallest integer overflows.
               : static_cast<T>(a % b);
  } else {
    return std::fmod(a, b);
  }
}

struct Truncated {
  template <class T>
  T operator()(T a, T b) const {
    return remainder(a, b);
  }
};

struct Floored {
  template <class T>
  T operator()(T a, T b) const {
    const T r = remainder(a, b);
    return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
  }
};

bool is_fmod(const Call& call) { return call.attributes.integer("fmod", 0) != 0; }

std::vector<TensorType> infer_mod(const Call& call) {
  auto outputs = infer_binary(call);
  const DataType type = outputs[0].type;
  if (!is_fmod(call) && (type == DataType::float32 || type == DataType::float64)) {
    throw std::invalid_argument("real numbers need fmod = 1");
  }
  return outputs;
}

std::vector<Tensor> forward_mod(const Call& call, std::span<const Tensor> inputs) {
  return is_fmod(call) ? forward_binary<Truncated>(call, inputs)
                       : forward_binary<Floored>(call, inputs);
}

}  // namespace

void register_mod(Registry<Operator>& registry) {
  registry.add({.name = "Mod",
                .doc = "the remainder of a / b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_mod,
                .macs = no_macs,
                .forward = forward_mod});
}

}  // namespace offcut::ops
