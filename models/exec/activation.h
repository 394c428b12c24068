#pragma once

#include <optional>
#include <span>

#include "models/ops/operator.h"

namespace offcut::exec {

/// An element-wise function that can be computed where its argument is made.
struct Activation {
  enum class Kind {
    relu,
    leaky_relu,
    clip,
    sigmoid,
    tanh,
    hard_sigmoid,
    hard_swish,
    silu,
    gelu,       // Its function is x / 2 (1 + erf(x / sqrt(2))).
    gelu_tanh,  // The approximation of gelu with tanh.
  };
  Kind kind = Kind::relu;
  float slope = 0;          // The slope of leaky_relu below 0, and of hard_sigmoid around 0.
  float offset = 0;         // hard_sigmoid's value at 0.
  float low = 0, high = 0;  // Limits of clip; low <= high.
};

/// Returns the activation that a layer computes, or none where the operator is another one, where
/// it is not on float32, or where its limits are not constants.
std::optional<Activation> activation_of(const Graph& graph, LayerId layer);

/// Sets values = f(values), with the bits that the reference operator gives where one layer
/// computes f.
void activate(const Activation& activation, std::span<float> values);

/// Computes the same to within a few roundings, and faster.
void activate_fast(const Activation& activation, std::span<float> values);

}  // namespace offcut::exec
