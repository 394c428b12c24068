#pragma once

#include <cmath>
#include <stdexcept>

#include "models/ops/operator.h"

namespace offcut::ops {

/// Returns the attribute `p` of LpNormalization, LpPool and GlobalLpPool, which is at least 1.
inline std::int64_t norm_order(const Call& call) {
  const std::int64_t p = call.attributes.integer("p", 2);
  if (p < 1) {
    throw std::invalid_argument("attribute 'p' is " + std::to_string(p) + ", expected at least 1");
  }
  return p;
}

/// Adds up |x|^p and takes the root of the sum.
class Norm {
 public:
  explicit Norm(std::int64_t p) : p_(static_cast<double>(p)) {}
  void add(double x) { sum_ += p_ == 2 ? x * x : std::pow(std::abs(x), p_); }
  double value() const { return p_ == 2 ? std::sqrt(sum_) : std::pow(sum_, 1 / p_); }

 private:
  double p_;
  double sum_ = 0;
};

}  // namespace offcut::ops
