// Ranges against sorted numbers, closed forms, and searches that are written out.

#include "models/compress/calibration.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/random.h"
#include "models/exec/segment.h"
#include "tests/compress/networks.h"

namespace offcut::compress::calibration_test {
namespace {

/// Numbers of a bell with long tails.
std::vector<float> drawn_numbers(const std::string& name, std::size_t count, float shift) {
  RandomStream stream = random_stream(1, name);
  std::vector<float> values(count);
  for (float& value : values) {
    double sum = 0;
    for (int i = 0; i < 6; ++i) {
      sum += static_cast<double>(stream() % 2000) / 1000 - 1;
    }
    value = static_cast<float>(sum * sum * sum) + shift;
  }
  return values;
}

TensorRange limits_of(const std::vector<float>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high};
}

Histogram histogram_of(const std::vector<float>& values) {
  const TensorRange all = limits_of(values);
  Histogram histogram(std::max(std::abs(all.low), std::abs(all.high)));
  histogram.add(values);
  return histogram;
}

/// The divergence between bins that are cut at `kept` and the same in levels, with every list
/// written out: Migacz, GTC 2017, "Entropy calibration, pseudocode".
double naive_divergence(const std::vector<double>& bins, std::size_t kept, std::size_t levels) {
  std::vector<double> p(bins.begin(), bins.begin() + static_cast<std::ptrdiff_t>(kept));
  const std::vector<double> inside = p;
  for (std::size_t i = kept; i < bins.size(); ++i) {
    p.back() += bins[i];
  }
  std::vector<double> q(kept, 0);
  for (std::size_t level = 0; level < levels; ++level) {
    std::vector<std::size_t> members;
    double mass = 0;
    for (std::size_t i = 0; i < kept; ++i) {
      if (i >= level * kept / levels && i < (level + 1) * kept / levels) {
        mass += inside[i];
        if (inside[i] > 0) {
          members.push_back(i);
        }
      }
    }
    for (const std::size_t i : members) {
      q[i] = mass / static_cast<double>(members.size());
    }
  }
  double p_sum = 0;
  double q_sum = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    p_sum += p[i];
    q_sum += q[i];
  }
  double divergence = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    if (p[i] > 0) {
      divergence += q[i] > 0 ? p[i] / p_sum * (std::log(p[i] / p_sum) - std::log(q[i] / q_sum))
                             : std::numeric_limits<double>::infinity();
    }
  }
  return divergence;
}

}  // namespace

TEST_CASE("calibration: percentiles equal those of the sorted numbers to a bin") {
  for (const float shift : {0.0F, 30.0F, -300.0F}) {
    for (const double percentile : {99.0, 99.9, 75.0, 100.0}) {
      CAPTURE(shift);
      CAPTURE(percentile);
      std::vector<float> values = drawn_numbers("percentile", 20000, shift);
      const Histogram histogram = histogram_of(values);
      const TensorRange found =
          chosen_range(histogram, limits_of(values),
                       {.method = RangeMethod::percentile, .percentile = percentile});
      std::sort(values.begin(), values.end());
      const auto outside = static_cast<std::size_t>(
          (1 - percentile / 100) * static_cast<double>(values.size()) + 1e-9);
      CHECK(std::abs(found.low - values[outside]) <= 1.01 * histogram.width());
      CHECK(std::abs(found.high - values[values.size() - 1 - outside]) <= 1.01 * histogram.width());
    }
  }
}

TEST_CASE("calibration: the entropy threshold is that of a search over all thresholds") {
  RandomStream stream = random_stream(1, "entropy");
  std::vector<std::size_t> thresholds;
  for (int drawn = 0; drawn < 40; ++drawn) {
    std::vector<double> bins(static_cast<std::size_t>(20 + drawn));
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const double bell = 4000 * std::exp(-static_cast<double>(i * i) / (drawn + 10));
      bins[i] = std::floor(bell) + static_cast<double>(stream() % 3);
    }
    const std::size_t levels = drawn % 2 == 0 ? 8 : 5;
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t kept = levels; kept <= bins.size(); ++kept) {
      const double divergence = naive_divergence(bins, kept, levels);
      if (divergence < least * (1 - 1e-9)) {
        least = divergence;
        best = kept;
      }
    }
    const std::size_t found = entropy_threshold(bins, levels);
    CHECK(naive_divergence(bins, found, levels) == doctest::Approx(least).epsilon(1e-9));
    CHECK(found == best);
    thresholds.push_back(found);
  }
  CHECK(*std::max_element(thresholds.begin(), thresholds.end()) >
        *std::min_element(thresholds.begin(), thresholds.end()));
  // Even numbers lose nothing when all are kept.
  CHECK(entropy_threshold(std::vector<double>(64, 3.0), 8) == 64);
}

TEST_CASE(
    "calibration: the threshold of least squares clips a single outlier, and no even numbers") {
  std::vector<float> values(4001);
  for (std::size_t i = 0; i < 4000; ++i) {
    values[i] = static_cast<float>(i) / 4000;
  }
  values[4000] = 1;
  const CalibrationOptions four{.method = RangeMethod::mse, .bits = 4};
  CHECK(chosen_range(histogram_of(values), limits_of(values), four).high > 0.95F);
  values[4000] = 4;
  const float clipped = chosen_range(histogram_of(values), limits_of(values), four).high;
  // The error of all thresholds, from the numbers themselves.
  const auto error_of = [&](double threshold) {
    double error = 0;
    for (const float value : values) {
      const double step = threshold / 15;
      const double rounded = step * std::min(std::nearbyint(value / step), 15.0);
      error += (value - rounded) * (value - rounded);
    }
    return error;
  };
  double least = error_of(clipped);
  for (double threshold = 0.1; threshold <= 4; threshold += 0.01) {
    least = std::min(least, error_of(threshold));
  }
  CHECK(error_of(clipped) <= 1.02 * least);
  CHECK(clipped < 2);
}

TEST_CASE("calibration: ranges are those of the reference operators, by tensor") {
  const Graph network = lenet5();
  const dataset::Samples samples = drawn_samples(network, 5);
  const Ranges found = calibrate(network, samples, {.samples = 3});
  exec::Segment all = exec::whole(network);
  std::map<std::string, TensorRange> expected;
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    all.leaves.push_back(network.layer(id).outputs.front());
  }
  std::sort(all.leaves.begin(), all.leaves.end());
  all.leaves.erase(std::unique(all.leaves.begin(), all.leaves.end()), all.leaves.end());
  const TensorId input = network.inputs().front();
  const auto size = static_cast<std::size_t>(elements(network.tensor(input).type.shape));
  for (std::size_t sample = 0; sample < 3; ++sample) {
    const Tensor x(network.tensor(input).type.shape,
                   samples.inputs.values<float>().subspan(sample * size, size));
    for (const auto& [id, tensor] : exec::run(network, all, {{input, x}})) {
      TensorRange& range =
          expected.try_emplace(network.tensor(id).name, TensorRange{1e30F, -1e30F}).first->second;
      for (const float value : tensor.values<float>()) {
        range = {std::min(range.low, value), std::max(range.high, value)};
      }
    }
  }
  for (const auto& [name, range] : expected) {
    CAPTURE(name);
    REQUIRE(found.contains(name));
    CHECK(found.at(name).low == doctest::Approx(range.low).epsilon(1e-4));
    CHECK(found.at(name).high == doctest::Approx(range.high).epsilon(1e-4));
  }
  CHECK(found.contains(network.tensor(input).name));
}

TEST_CASE("calibration: samples that do not fit are refused") {
  const Graph network = lenet5();
  dataset::Samples samples = drawn_samples(network, 2);
  samples.inputs = Tensor(TensorType{DataType::float32, {2, 1, 9, 9}});
  CHECK_THROWS_WITH_AS(calibrate(network, samples, {}),
                       doctest::Contains("a sample is 1x9x9, but the network reads float32"),
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(calibrate(network, {}, {}), "there are no samples to calibrate with",
                       std::invalid_argument);
  samples = drawn_samples(network, 2);
  samples.inputs.values<float>()[3] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH_AS(calibrate(network, samples, {}), doctest::Contains("is not finite"),
                       std::invalid_argument);
}

}  // namespace offcut::compress::calibration_test
