#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::study {

/// Values that change together: one value for each path at every step.
struct Axis {
  std::vector<std::string> paths;
  std::vector<std::vector<std::string>> steps;  // By step and path.
  Place place;
};

/// A named alternative that runs at every point, under the same random numbers as the others.
struct Variant {
  std::string name;  // Empty: the only one.
  std::vector<scenario::Override> settings;
};

/// How many replications there are: as many as the mean of a figure needs.
struct Precision {
  double share = 0;  // The half-width of the interval, as a share of the mean.
  std::string figure;
  std::size_t most = 1000;  // Replications of a point.
};

/// A run of a sweep. Replications count from 0.
struct Job {
  std::size_t point = 0;
  std::size_t variant = 0;
  std::size_t replication = 0;
};

/// A plan of runs: points, which are all combinations of the axes' steps, times variants, times
/// replications.
struct Sweep {
  std::string name;
  std::string base;                          // The path of a scenario.
  std::vector<scenario::Override> settings;  // Of all runs.
  std::vector<Axis> axes;
  std::vector<Variant> variants = {{}};  // Never empty.
  std::size_t replications = 1;          // The least number, if there is a precision.
  std::optional<Precision> precision;
  double confidence = 0.95;          // Of intervals.
  std::vector<std::string> figures;  // For printed tables and differences; empty: the usual ones.

  std::size_t point_count() const;  // The number of combinations; 1 without axes.
  /// Returns the names of all axes' paths in their order.
  std::vector<std::string> parameters() const;
  /// Returns the values of the parameters at a point. The last axis changes fastest.
  std::vector<std::string> values_at(std::size_t point) const;
  /// Returns all settings of a run but its seed. Of the same path, the last one counts.
  std::vector<scenario::Override> settings_of(std::size_t point, std::size_t variant) const;

  /// Returns the first run with each model and each trace, by the settings that choose these, up to
  /// so many.
  std::vector<Job> runs_with_other_files(std::size_t most) const;

  std::size_t most_replications() const { return precision ? precision->most : replications; }
  /// Numbers the runs in the order of their rows.
  std::uint64_t number_of(const Job& job) const;
  Job job_of(std::uint64_t number) const;
};

}  // namespace offcut::study
