#pragma once

#include "models/ops/broadcast.h"

namespace offcut::ops {

/// numpy's matmul of two shapes: the last two axes are matrices, the axes before them are
/// broadcast. A vector is a row on the left and a column on the right, and the result lacks that
/// axis.
struct MatrixProduct {
  /// Matrices of rows x columns in a batch of any shape.
  struct Operand {
    Shape batch;
    std::int64_t rows, columns;
    std::int64_t size() const { return rows * columns; }
  };
  Operand a, b;
  Shape shape;  // Shape of the result.

  double macs() const;

  /// Returns one product with more rows if the whole batch of A meets a single matrix B.
  MatrixProduct merged() const;

  /// Calls multiply(offset in A, in B, in the result) for each pair of matrices.
  template <class F>
  void for_each_pair(F multiply) const {
    const Broadcast pairs(a.batch, b.batch);
    std::int64_t start = 0;
    pairs.for_each_run(
        [&](std::int64_t a_start, std::int64_t b_start, std::int64_t, std::int64_t n) {
          for (std::int64_t i = 0; i < n; ++i, start += a.rows * b.columns) {
            multiply((a_start + i * pairs.a_step()) * a.size(),
                     (b_start + i * pairs.b_step()) * b.size(), start);
          }
        });
  }
};

/// Throws std::invalid_argument if the shapes do not fit. REQUIRES: both are valid.
MatrixProduct matrix_product_of(const Shape& a, const Shape& b);

}  // namespace offcut::ops
