#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace offcut::theory_tests {

/// The share of runs of M/M/1 whose 95 % interval covers the known figure, by one method.
struct CoverageRow {
  std::string method, figure;
  std::size_t runs = 0, too_short = 0, covered = 0;  // `covered`: of those not too short.
  double half_width = 0;                             // Their sum over these runs, in services.

  double coverage() const {
    return static_cast<double>(covered) / static_cast<double>(runs - too_short);
  }
};

/// Returns the sojourn times of M/M/1 that begins empty, by Lindley's recursion (1952), in units of
/// the mean service. The engine gives the same (tests/theory/queueing_test.cpp).
std::vector<double> mm1_sojourns(double load, std::size_t requests, std::uint64_t seed);

/// Returns the coverage of the mean and the 95 % quantile, of batch means of one run, and of
/// Student's t over 10 replications that together have as many requests, with both kinds of MSER-5.
/// `runs` experiments have seeds from `seed` on.
std::vector<CoverageRow> mm1_coverage(double load, std::size_t requests, std::size_t runs,
                                      std::uint64_t seed);

}  // namespace offcut::theory_tests
