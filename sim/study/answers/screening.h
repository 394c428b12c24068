#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analysis/statistics/interval.h"

namespace offcut::study {

/// The function that is screened: its values at points of the unit cube, [point][factor]; none
/// where it has no value. All points of a method are asked for at once.
using ScreenedFunction = std::function<std::vector<std::optional<double>>(
    const std::vector<std::vector<double>>& points)>;

struct MorrisOptions {
  std::size_t trajectories = 10;
  std::size_t levels = 4;  // Of each factor; even.
  std::uint64_t seed = 1;
  double confidence = 0.95;
};

/// The elementary effects of a factor: the differences of the function along its axis, divided by
/// the step as a share of the factor's range.
struct ElementaryEffects {
  double mean = 0;                             // Morris' mu.
  double mean_absolute = 0;                    // Its mu*: how much the factor matters.
  double deviation = 0;                        // Its sigma: interactions and non-linearity.
  std::optional<analysis::Interval> interval;  // Of mu*, by Student's t over trajectories.
  std::size_t effects = 0;                     // Those of which both ends have a value.
};

/// Screens by elementary effects along random trajectories on a grid (Morris, "Factorial Sampling
/// Plans for Preliminary Computational Experiments", Technometrics 33(2), 1991), with mu*
/// (Campolongo, Cariboni, Saltelli, Environmental Modelling & Software 22(10), 2007). Takes
/// trajectories * (factors + 1) values. The step is levels / (2 (levels - 1)).
std::vector<ElementaryEffects> elementary_effects(std::size_t factors, const MorrisOptions& options,
                                                  const ScreenedFunction& function);

struct SobolOptions {
  std::size_t samples = 256;  // A power of two is best.
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;  // Of the bootstrap.
  double confidence = 0.95;
};

/// The shares of the function's variance that a factor explains.
struct SobolIndices {
  analysis::Interval first;  // By itself.
  analysis::Interval total;  // With all its interactions.
};

/// Returns first-order and total indices by Saltelli's scheme: two matrices of a Sobol sequence,
/// and for each factor one of them with this factor's column from the other. First: Saltelli et
/// al., Computer Physics Communications 181(2), 2010, table 2 (b); total: Jansen 1999, table 2 (f).
/// The intervals are percentiles of the bootstrap over rows. Takes samples * (factors + 2) values.
/// Rows in which a value is missing are left out: `used` receives the number of the others. Empty
/// without two rows that differ.
std::vector<SobolIndices> sobol_indices(std::size_t factors, const SobolOptions& options,
                                        const ScreenedFunction& function, std::size_t& used);

}  // namespace offcut::study
