#pragma once

#include <cstdint>

namespace offcut::exec {

/// A matrix in memory: element (row, column) is data[row * row_step + column * column_step]. One of
/// the steps is 1.
struct MatrixView {
  const float* data = nullptr;
  std::int64_t rows = 0, columns = 0;
  std::int64_t row_step = 0, column_step = 1;
};

/// Computes c = alpha a b on one thread, where the rows of c lie c_step elements apart.
/// REQUIRES: a.columns == b.rows; c does not overlap a or b.
void multiply(float alpha, const MatrixView& a, const MatrixView& b, float* c, std::int64_t c_step);

}  // namespace offcut::exec
