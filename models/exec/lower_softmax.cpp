// Softmax over an axis that is not the last one, and over several axes: groups of elements that lie
// side by side are normalised together, row by row, so that each row is read as it lies in memory.

#include <Eigen/Core>
#include <algorithm>

#include "models/exec/lowering.h"
#include "models/ops/softmax.h"

namespace offcut::exec {
namespace {

using SoftmaxRow = Eigen::Map<Eigen::ArrayXf>;
using ConstSoftmaxRow = Eigen::Map<const Eigen::ArrayXf>;

void normalize_one(const float* x, float* y, std::int64_t count) {
  const ConstSoftmaxRow from(x, count);
  SoftmaxRow to(y, count);
  to = (from - from.maxCoeff()).exp();
  to *= 1 / to.sum();
}

/// Normalises `columns` groups that begin side by side.
void normalize_columns(const float* x, float* y, const ops::SoftmaxGroups& groups,
                       std::int64_t columns) {
  Eigen::ArrayXf greatest = ConstSoftmaxRow(x, columns);
  for (std::int64_t row = 1; row < groups.count; ++row) {
    greatest = greatest.max(ConstSoftmaxRow(x + row * groups.step, columns));
  }
  Eigen::ArrayXf sum = Eigen::ArrayXf::Zero(columns);
  for (std::int64_t row = 0; row < groups.count; ++row) {
    SoftmaxRow to(y + row * groups.step, columns);
    to = (ConstSoftmaxRow(x + row * groups.step, columns) - greatest).exp();
    sum += to;
  }
  sum = sum.inverse();
  for (std::int64_t row = 0; row < groups.count; ++row) {
    SoftmaxRow(y + row * groups.step, columns) *= sum;
  }
}

}  // namespace

bool Lowering::lower_softmax_groups(const Operation& operation) {
  if (!program_.has_op(operation, "Softmax") || program_.is_constant(operation.inputs[0])) {
    return false;
  }
  const Layer& layer = program_.layer(operation);
  const ops::SoftmaxGroups groups =
      ops::softmax_groups(layer.attributes, layer.opset, program_.type(operation.inputs[0]).shape);
  add_unary(operation, "softmax", [groups](const float* x, std::span<float> y) {
    constexpr std::int64_t kColumns = 256;  // So many groups stay in the first cache.
    for (std::int64_t outer = 0; outer < groups.outer; ++outer) {
      const std::int64_t start = outer * groups.count * groups.step;
      if (groups.step == 1) {
        normalize_one(x + start, y.data() + start, groups.count);
        continue;
      }
      for (std::int64_t column = 0; column < groups.step; column += kColumns) {
        normalize_columns(x + start + column, y.data() + start + column, groups,
                          std::min(kColumns, groups.step - column));
      }
    }
  });
  return true;
}

}  // namespace offcut::exec
