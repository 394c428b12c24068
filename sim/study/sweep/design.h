#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace offcut::study {

/// Points of the unit cube. `points` and `dimensions` are at least 1.
struct Design {
  std::string name;
  std::string about;
  std::size_t most_dimensions = 0;
  /// Returns [point][dimension], each in [0, 1). The same seed gives the same points.
  std::vector<std::vector<double>> (*points)(std::size_t points, std::size_t dimensions,
                                             std::uint64_t seed);
};

/// All designs: `random` (independent and uniform), `latin-hypercube` (each dimension has one point
/// in each of `points` intervals of equal length; McKay, Beckman, Conover 1979) and `sobol` (a
/// low-discrepancy sequence; Sobol 1967, with the direction numbers of Joe and Kuo 2008 in
/// Boost.Random).
std::span<const Design> designs();

}  // namespace offcut::study
