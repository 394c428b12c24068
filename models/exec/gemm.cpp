#include "models/exec/gemm.h"

#include <Eigen/Core>

namespace offcut::exec {
namespace {

using Step = Eigen::OuterStride<>;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

/// Calls f with an Eigen view of the matrix.
template <class F>
void with(const MatrixView& m, F f) {
  if (m.column_step == 1) {
    f(Eigen::Map<const RowMajor, 0, Step>(m.data, m.rows, m.columns, Step(m.row_step)));
  } else {
    f(Eigen::Map<const ColumnMajor, 0, Step>(m.data, m.rows, m.columns, Step(m.column_step)));
  }
}

}  // namespace

void multiply(float alpha, const MatrixView& a, const MatrixView& b, float* c,
              std::int64_t c_step) {
  Eigen::Map<RowMajor, 0, Step> product(c, a.rows, b.columns, Step(c_step));
  with(a, [&](const auto& left) {
    with(b, [&](const auto& right) { product.noalias() = alpha * left * right; });
  });
}

}  // namespace offcut::exec
