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

/// The functions that attribute `activations` names, `fallback` for each direction without it, with
/// the parameters in `activation_alpha` and `activation_beta`: one entry for each function that has
/// such a parameter, in order, as in ONNX Runtime; ONNX's defaults for those behind. Throws
/// std::invalid_argument where they are too few or too many.
std::vector<GateFunction> gate_functions(const Call& call, const std::vector<std::string>& fallback,
                                         std::size_t directions);

}  // namespace offcut::ops
