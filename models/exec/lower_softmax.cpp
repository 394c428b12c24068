// Softmax over an axis that is not the last one, and over several axes: groups of elements that lie
// side by side are normalised together, row by row, so that each row is read as it lies in memory.

#include <Eigen/Core>
#include <algorithm>

#include "models/exec/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

/// `outer` blocks of `count` rows of `width` elements. Each column of a block is a group.
struct SoftmaxGroups {
  std::int64_t outer, count, width;
};

SoftmaxGroups softmax_groups(const Layer& layer, const Shape& shape) {
  const bool one_axis = layer.opset >= 13;
  const std::size_t axis =
      ops::axis_in(layer.attributes.integer("axis", one_axis ? -1 : 1), shape.size());
  const std::size_t end = one_axis ? axis + 1 : shape.size();
  return {ops::extent_between(shape, 0, axis), ops::extent_between(shape, axis, end),
          ops::extent_between(shape, end, shape.size())};
}

using SoftmaxRow = Eigen::Map<Eigen::ArrayXf>;
using ConstSoftmaxRow = Eigen::Map<const Eigen::ArrayXf>;

void normalize_one(const float* x, float* y, std::int64_t count) {
  const ConstSoftmaxRow from(x, count);
  SoftmaxRow to(y, count);
  to = (from - from.maxCoeff()).exp();
  to *= 1 / to.sum();
}

/// Normalises `columns` groups that begin side by side.
void normalize_columns(const float* x, float* y, const SoftmaxGroups& groups,
                       std::int64_t columns) {
  Eigen::ArrayXf greatest = ConstSoftmaxRow(x, columns);
  for (std::int64_t row = 1; row < groups.count; ++row) {
    greatest = greatest.max(ConstSoftmaxRow(x + row * groups.width, columns));
  }
  Eigen::ArrayXf sum = Eigen::ArrayXf::Zero(columns);
  for (std::int64_t row = 0; row < groups.count; ++row) {
    SoftmaxRow to(y + row * groups.width, columns);
    to = (ConstSoftmaxRow(x + row * groups.width, columns) - greatest).exp();
    sum += to;
  }
  sum = sum.inverse();
  for (std::int64_t row = 0; row < groups.count; ++row) {
    SoftmaxRow(y + row * groups.width, columns) *= sum;
  }
}

}  // namespace

bool Lowering::lower_softmax_groups(const Operation& operation) {
  if (!program_.has_op(operation, "Softmax") || program_.is_constant(operation.inputs[0])) {
    return false;
  }
  const SoftmaxGroups groups =
      softmax_groups(program_.layer(operation), program_.type(operation.inputs[0]).shape);
  add_unary(operation, "softmax", [groups](const float* x, std::span<float> y) {
    constexpr std::int64_t kColumns = 256;  // So many groups stay in the first cache.
    for (std::int64_t outer = 0; outer < groups.outer; ++outer) {
      const std::int64_t start = outer * groups.count * groups.width;
      if (groups.width == 1) {
        normalize_one(x + start, y.data() + start, groups.count);
        continue;
      }
      for (std::int64_t column = 0; column < groups.width; column += kColumns) {
        normalize_columns(x + start + column, y.data() + start + column, groups,
                          std::min(kColumns, groups.width - column));
      }
    }
  });
  return true;
}

}  // namespace offcut::exec
