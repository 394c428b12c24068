#pragma once

#include <cstdint>
#include <span>

namespace offcut::exec {

/// y = W x + y for a row-major matrix of y.size() rows and x.size() columns. Each row's sum has one
/// order, whatever its neighbours.
void add_product(const float* matrix, std::span<const float> x, std::span<float> y);

}  // namespace offcut::exec
