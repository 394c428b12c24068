// Det: the determinant of each matrix in the last two axes, in double.

#include <fmt/format.h>

#include <Eigen/LU>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_det(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2 || x.back() != x[x.size() - 2]) {
    throw std::invalid_argument(fmt::format("input {} has no square matrices", to_text(x)));
  }
  return {{DataType::float32, Shape(x.begin(), x.end() - 2)}};
}

double macs_det(const Call& call, std::span<const TensorType> outputs) {
  const auto n = static_cast<double>(call.shape(0).back());
  return static_cast<double>(elements(outputs[0].shape)) * n * n * n / 3;
}

std::vector<Tensor> forward_det(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_det(call).front());
  const std::int64_t n = call.shape(0).back();
  const float* x = inputs[0].values<float>().data();
  for (float& y : output.values<float>()) {
    const Eigen::MatrixXd matrix = ConstMatrixMap(x, n, n).cast<double>();
    y = n == 0 ? 1 : static_cast<float>(matrix.partialPivLu().determinant());
    x += n * n;
  }
  return {output};
}

}  // namespace

void register_det(Registry<Operator>& registry) {
  registry.add({.name = "Det",
                .doc = "the determinant of each matrix",
                .kind = always<LayerKind::dense>,
                .infer = infer_det,
                .macs = macs_det,
                .forward = forward_det});
}

}  // namespace offcut::ops
