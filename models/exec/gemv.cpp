// A product of a matrix and a vector is bound by how fast the matrix comes from memory. Four rows
// at once keep four streams open, which is needed to run at the memory's speed, and read x once for
// all.

#include "models/exec/gemv.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace offcut::exec {
namespace {

constexpr std::size_t kLanes = 8;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;

Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

/// Sums by halves: the order is fixed, and the error grows only with the logarithm.
float sum(const Lanes& lanes) {
  std::array<float, kLanes> part{};
  std::memcpy(part.data(), &lanes, sizeof(lanes));
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      part.at(i) += part.at(i + half);
    }
  }
  return part.front();
}

template <std::size_t rows>
void add_rows(const float* matrix, std::span<const float> x, float* y) {
  std::array<Lanes, rows> sums{};
  // Two sums per row, so that additions need not wait for each other.
  std::array<Lanes, rows> other_sums{};
  const std::size_t whole = x.size() / (2 * kLanes) * (2 * kLanes);
  for (std::size_t i = 0; i < whole; i += 2 * kLanes) {
    const Lanes factor = load(x.data() + i);
    const Lanes other_factor = load(x.data() + i + kLanes);
    for (std::size_t r = 0; r < rows; ++r) {
      const float* const row = matrix + r * x.size() + i;
      sums[r] += factor * load(row);
      other_sums[r] += other_factor * load(row + kLanes);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    float rest = 0;
    for (std::size_t i = whole; i < x.size(); ++i) {
      rest += x[i] * matrix[r * x.size() + i];
    }
    y[r] += sum(sums[r] + other_sums[r]) + rest;
  }
}

}  // namespace

void add_product(const float* matrix, std::span<const float> x, std::span<float> y) {
  constexpr std::size_t kRows = 4;
  std::size_t row = 0;
  for (; row + kRows <= y.size(); row += kRows) {
    add_rows<kRows>(matrix + row * x.size(), x, y.data() + row);
  }
  for (; row < y.size(); ++row) {
    add_rows<1>(matrix + row * x.size(), x, y.data() + row);
  }
}

}  // namespace offcut::exec
