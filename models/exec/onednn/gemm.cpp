#include "models/exec/gemm.h"

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>

#include "models/exec/onednn/primitive_step.h"

namespace offcut::exec {

void multiply(float alpha, const MatrixView& a, const MatrixView& b, float* c,
              std::int64_t c_step) {
  const ThreadLimit limit(1);
  const auto letter = [](const MatrixView& m) { return m.column_step == 1 ? 'N' : 'T'; };
  // A matrix of one row or column may have any step; the library wants one of a line's length.
  const auto step = [](const MatrixView& m) {
    return m.column_step == 1 ? std::max(m.row_step, m.columns) : std::max(m.column_step, m.rows);
  };
  const dnnl::status status = dnnl::sgemm(letter(a), letter(b), a.rows, b.columns, a.columns, alpha,
                                          a.data, step(a), b.data, step(b), 0, c, c_step);
  if (status != dnnl::status::success) {
    throw std::runtime_error("oneDNN failed to multiply two matrices");
  }
}

}  // namespace offcut::exec
