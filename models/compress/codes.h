#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/compress/grid.h"
#include "models/graph/tensor.h"

namespace offcut::compress {

/// The elements of a tensor as codes: indices into a codebook, or levels of a grid.
struct Codes {
  std::vector<std::uint8_t> codes;
  int bits = 8;
  std::optional<std::uint8_t> zero;  // The code of 0, if there is one.
  std::vector<float> codebook;       // Ascending values; empty with a grid.
  std::optional<Grid> grid;          // Its levels count from 0.
};

/// Returns the codes of a tensor that has 1 to 256 different values, by their bits.
std::optional<Codes> codebook_codes(const Tensor& values);

/// Returns the codes of a tensor that lies on the grid, bit for bit, if it has at most 256 levels.
std::optional<Codes> grid_codes(const Tensor& values, const Grid& grid);

/// The codes that are not 0, each with its distance from the one before, and codes of 0 where the
/// distance would exceed what its bits hold: the relative index of Deep Compression (Han, Mao,
/// Dally, ICLR 2016, section 2).
struct SparseCodes {
  std::vector<std::uint8_t> gaps;  // The place less that of the entry before; first: the place.
  std::vector<std::uint8_t> codes;
};

/// REQUIRES: codes.zero, 1 <= gap_bits <= 8.
SparseCodes sparse_codes(const Codes& codes, int gap_bits);

}  // namespace offcut::compress
