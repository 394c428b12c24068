#pragma once

#include <algorithm>
#include <string>

#include "models/ops/binary.h"
#include "models/ops/elementwise.h"

namespace offcut::ops {

template <class F>
std::vector<TensorType> infer_unary(const Call& call) {
  F{call.attributes};  // Throws for attributes of another type.
  return same_as_input(call);
}

template <class F>
std::vector<Tensor> forward_unary(const Call& call, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], F{call.attributes})};
}

/// Makes an operator that computes f(x) of each float32 x; F is constructed from the attributes.
template <class F>
Operator unary(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .kind = always<LayerKind::elementwise>,
          .infer = infer_unary<F>,
          .macs = no_macs,
          .forward = forward_unary<F>};
}

/// Does the same for a function without parameters.
template <float (*f)(float)>
struct Function {
  explicit Function(const Attributes&) {}
  float operator()(float x) const { return f(x); }
};
template <float (*f)(float)>
Operator unary(std::string name, std::string doc) {
  return unary<Function<f>>(std::move(name), std::move(doc));
}

/// Computes F()(x) for each x, numbers of any kind.
template <class F>
std::vector<Tensor> forward_numbers(const Call&, std::span<const Tensor> inputs) {
  return with_number_type(inputs[0].type().type, [&](auto zero) {
    using T = decltype(zero);
    Tensor output(inputs[0].type());
    const auto from = inputs[0].values<T>();
    std::transform(from.begin(), from.end(), output.values<T>().begin(), F());
    return std::vector<Tensor>{output};
  });
}
template <class F>
Operator unary_for_numbers(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .kind = always<LayerKind::elementwise>,
          .infer = same_number_as_input,
          .macs = no_macs,
          .forward = forward_numbers<F>};
}

}  // namespace offcut::ops
