// Non-negative least squares by the active-set method of Lawson and Hanson: variables become free
// one by one, the one with the steepest gradient first, and return to 0 if they would be negative.
// Eigen's QR decomposition solves each unbounded problem.
#include "models/cost/least_squares.h"

#include <Eigen/Dense>

namespace offcut::cost {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Returns the unbounded least-squares solution over the free columns, and 0 for the others.
VectorXd solve_free(const MatrixXd& a, const VectorXd& b, const std::vector<bool>& free) {
  std::vector<Index> columns;
  for (Index j = 0; j < a.cols(); ++j) {
    if (free[static_cast<std::size_t>(j)]) {
      columns.push_back(j);
    }
  }
  VectorXd x = VectorXd::Zero(a.cols());
  const VectorXd part = a(Eigen::all, columns).colPivHouseholderQr().solve(b);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    x[columns[i]] = part[static_cast<Index>(i)];
  }
  return x;
}

}  // namespace

std::vector<double> nonnegative_least_squares(const std::vector<std::vector<double>>& rows,
                                              std::span<const double> b) {
  const auto columns = static_cast<Index>(rows.front().size());
  MatrixXd a(static_cast<Index>(rows.size()), columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    a.row(static_cast<Index>(i)) = Eigen::Map<const VectorXd>(rows[i].data(), columns);
  }
  // All columns are scaled to norm 1, so that one tolerance applies to all of them.
  VectorXd scale = a.colwise().norm().transpose();
  for (Index j = 0; j < columns; ++j) {
    scale[j] = scale[j] > 0 ? scale[j] : 1;
    a.col(j) /= scale[j];
  }
  const VectorXd right = Eigen::Map<const VectorXd>(b.data(), static_cast<Index>(b.size()));
  const double tolerance = 1e-10 * std::max(right.norm(), 1e-300);

  VectorXd x = VectorXd::Zero(columns);
  std::vector<bool> free(static_cast<std::size_t>(columns), false);
  for (Index round = 0; round < 3 * columns; ++round) {
    const VectorXd gradient = a.transpose() * (right - a * x);
    Index steepest = -1;
    for (Index j = 0; j < columns; ++j) {
      if (!free[static_cast<std::size_t>(j)] && gradient[j] > tolerance &&
          (steepest < 0 || gradient[j] > gradient[steepest])) {
        steepest = j;
      }
    }
    if (steepest < 0) {
      break;
    }
    free[static_cast<std::size_t>(steepest)] = true;
    VectorXd wanted = solve_free(a, right, free);
    // Move towards the wanted solution until a variable becomes 0, fix that one there, and repeat.
    for (Index inner = 0; inner < columns; ++inner) {
      double step = 1;
      for (Index j = 0; j < columns; ++j) {
        if (free[static_cast<std::size_t>(j)] && wanted[j] <= 0) {
          step = std::min(step, x[j] / (x[j] - wanted[j]));
        }
      }
      if (step >= 1) {
        break;
      }
      x += step * (wanted - x);
      for (Index j = 0; j < columns; ++j) {
        if (free[static_cast<std::size_t>(j)] && wanted[j] <= 0 && x[j] <= tolerance) {
          free[static_cast<std::size_t>(j)] = false;
          x[j] = 0;
        }
      }
      wanted = solve_free(a, right, free);
    }
    x = wanted.cwiseMax(0);
  }
  std::vector<double> result;
  for (Index j = 0; j < columns; ++j) {
    result.push_back(x[j] / scale[j]);
  }
  return result;
}

}  // namespace offcut::cost
