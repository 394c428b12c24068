#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/dataset/samples.h"
#include "models/graph/graph.h"

namespace offcut::compress {

/// The numbers that a tensor takes, or those that its integers shall stand for. Others saturate.
struct TensorRange {
  float low = 0;
  float high = 0;

  bool operator==(const TensorRange&) const = default;
};

/// Counts of numbers in bins of equal width from -limit to limit.
class Histogram {
 public:
  static constexpr std::size_t kHalf = 2048;  // Bins on each side of 0.

  explicit Histogram(float limit) : limit_(limit), counts_(2 * kHalf) {}
  void add(std::span<const float> values);

  float limit() const { return limit_; }
  double width() const { return static_cast<double>(limit_) / kHalf; }
  const std::vector<double>& counts() const { return counts_; }

  /// Returns the counts by absolute value, from 0 on: kHalf bins.
  std::vector<double> of_magnitudes() const;

 private:
  float limit_;
  std::vector<double> counts_;
};

/// How the range of a tensor is chosen from its numbers.
enum class RangeMethod {
  min_max,     // All of them.
  percentile,  // All but a share at each end.
  entropy,     // The threshold that changes the distribution least: Migacz, "8-bit inference with
               // TensorRT", GTC 2017.
  mse,         // The threshold with the least mean squared error.
};
std::optional<RangeMethod> range_method(const std::string& name);
const std::vector<std::string>& range_methods();  // Their names; the first is the default.

struct CalibrationOptions {
  RangeMethod method = RangeMethod::min_max;
  double percentile = 99.99;   // Of RangeMethod::percentile, in percent.
  int bits = 8;                // Of the integers, for entropy and mse.
  std::int64_t samples = 200;  // The first ones; all if there are fewer.
};

/// Returns the range, within `all`, that the method chooses. Quantiles are exact to a bin.
TensorRange chosen_range(const Histogram& histogram, const TensorRange& all,
                         const CalibrationOptions& options);

/// Returns the threshold that loses least information when numbers of up to this absolute value
/// become `levels` levels, as a number of bins: of all thresholds, from `levels` bins on, the one
/// with the least Kullback-Leibler divergence between the bins and their quantised form. The
/// smallest of equal ones.
std::size_t entropy_threshold(std::span<const double> magnitudes, std::size_t levels);

/// The range of each tensor of float32 that is an input or made by a layer, by name.
using Ranges = std::map<std::string, TensorRange>;

/// Runs samples through the network, in float32 on the fast kernels. Throws std::invalid_argument
/// if the network has several inputs, if samples don't fit the input, or if a tensor is not finite.
Ranges calibrate(const Graph& graph, const dataset::Samples& samples,
                 const CalibrationOptions& options);

}  // namespace offcut::compress
