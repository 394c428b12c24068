// Erf, for which oneDNN has no kernel, with Eigen's vectorised rational approximation.

#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "models/exec/lowering.h"

namespace offcut::exec {

bool Lowering::lower_erf(const Operation& operation) {
  if (!program_.has_op(operation, "Erf") || program_.is_constant(operation.inputs[0])) {
    return false;
  }
  add_unary(operation, "erf", [](const float* x, std::span<float> y) {
    const auto count = static_cast<Eigen::Index>(y.size());
    Eigen::Map<Eigen::ArrayXf>(y.data(), count) = Eigen::Map<const Eigen::ArrayXf>(x, count).erf();
  });
  return true;
}

}  // namespace offcut::exec
