// MatMul: numpy's matmul. The last two axes are matrices, those before are broadcast; a vector is a
// row on the left and a column on the right, and that axis is left out of the result.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"
#include "models/ops/matrix.h"

namespace offcut {
namespace {

/// One operand: matrices of rows x columns in a batch of any shape.
struct Operand {
  Shape batch;
  std::int64_t rows, columns;
};

Operand operand(const Shape& shape, bool left) {
  if (shape.empty()) {
    throw std::invalid_argument("a scalar cannot be multiplied as a matrix");
  }
  if (shape.size() == 1) {
    return left ? Operand{{}, 1, shape[0]} : Operand{{}, shape[0], 1};
  }
  return {Shape(shape.begin(), shape.end() - 2), shape[shape.size() - 2], shape.back()};
}

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 2, 2);
  const Operand a = operand(float_shape(call, 0), true);
  const Operand b = operand(float_shape(call, 1), false);
  if (a.columns != b.rows) {
    throw std::invalid_argument(fmt::format("A of {} and B of {} do not fit",
                                            to_text(call.shape(0)), to_text(call.shape(1))));
  }
  Shape shape = Broadcast(a.batch, b.batch).shape();
  if (call.shape(0).size() > 1) {
    shape.push_back(a.rows);
  }
  if (call.shape(1).size() > 1) {
    shape.push_back(b.columns);
  }
  return {output_type(DataType::float32, std::move(shape))};
}

double macs(const Call& call, std::span<const TensorType> outputs) {
  return static_cast<double>(elements(outputs[0].shape)) *
         static_cast<double>(call.shape(0).back());
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  Tensor y(infer(call).front());
  Operand a = operand(call.shape(0), true);
  const Operand b = operand(call.shape(1), false);
  if (b.batch.empty()) {
    // The whole batch of A meets one and the same B: that is one product with more rows.
    a.rows *= elements(a.batch);
    a.batch.clear();
  }
  const float* const from_a = inputs[0].values<float>().data();
  const float* const from_b = inputs[1].values<float>().data();
  float* to = y.values<float>().data();
  const std::int64_t a_size = a.rows * a.columns;
  const std::int64_t b_size = b.rows * b.columns;
  const Broadcast pairs(a.batch, b.batch);
  pairs.for_each_run([&](std::int64_t at_a, std::int64_t at_b, std::int64_t, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const float* x = from_a + (at_a + i * pairs.a_step()) * a_size;
      const float* w = from_b + (at_b + i * pairs.b_step()) * b_size;
      MatrixMap(to, a.rows, b.columns).noalias() =
          ConstMatrixMap(x, a.rows, a.columns) * ConstMatrixMap(w, b.rows, b.columns);
      to += a.rows * b.columns;
    }
  });
  return {y};
}

}  // namespace

void register_matmul(Registry<Operator>& registry) {
  registry.add({.name = "MatMul",
                .doc = "matrix product, numpy's: vectors, and batches with broadcasting",
                .kind = always<LayerKind::dense>,
                .infer = infer,
                .macs = macs,
                .forward = forward});
}

}  // namespace offcut
