#pragma once

#include <Eigen/Core>

namespace offcut::ops {

/// Row-major, as tensors are. Only files that compute include this header, as Eigen is no part of
/// offcut's interface.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrixMap = Eigen::Map<const Matrix>;
using MatrixMap = Eigen::Map<Matrix>;

}  // namespace offcut::ops
