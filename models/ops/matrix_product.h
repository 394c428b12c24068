#pragma once

#include "models/ops/broadcast.h"

namespace offcut::ops {

/// numpy's matmul of two shapes: the last two axes are matrices, those before are broadcast; a
/// vector is a row on the left and a column on the right, and that axis is left out of the result.
struct MatrixProduct {
  /// Matrices of rows x columns in a batch of any shape.
  struct Operand {
    Shape batch;
    std::int64_t rows, columns;
    std::int64_t size() const { return rows * columns; }
  };
  Operand a, b;
  Shape shape;  // of the result

  double macs() const;

  /// Where the whole batch of A meets one and the same B, that is one product with more rows.
  MatrixProduct merged() const;

  /// Calls multiply(offset in A, in B, in the result) for each pair of matrices.
  template <class F>
  void for_each_pair(F multiply) const {
    const Broadcast pairs(a.batch, b.batch);
    std::int64_t at = 0;
    pairs.for_each_run([&](std::int64_t at_a, std::int64_t at_b, std::int64_t, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i, at += a.rows * b.columns) {
        multiply((at_a + i * pairs.a_step()) * a.size(), (at_b + i * pairs.b_step()) * b.size(),
                 at);
      }
    });
  }
};

/// Throws std::invalid_argument where the shapes do not fit. REQUIRES: both are valid.
MatrixProduct matrix_product_of(const Shape& a, const Shape& b);

}  // namespace offcut::ops
