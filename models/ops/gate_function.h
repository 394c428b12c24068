#pragma once

#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::ops {

/// An activation inside a recurrent layer. Its input is clipped to [-clip, clip] first.
struct GateFunction {
  float (*f)(float x, float alpha, float beta) = nullptr;
  float alpha = 0;
  float beta = 0;
  float clip = 0;

  float operator()(float x) const {
    const float low = x < -clip ? -clip : x;
    return f(low > clip ? clip : low, alpha, beta);
  }
};

/// Returns the functions that the attribute `activations` names; without it, `fallback` for each
/// direction. Their parameters come from `activation_alpha` and `activation_beta`, which have, as
/// in ONNX Runtime, one entry for each function that has such a parameter, in order; missing
/// entries get ONNX's defaults. Throws std::invalid_argument if there are too few or too many
/// functions.
std::vector<GateFunction> gate_functions(const Call& call, const std::vector<std::string>& fallback,
                                         std::size_t directions);

}  // namespace offcut::ops
