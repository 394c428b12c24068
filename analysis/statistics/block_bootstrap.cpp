// The circular block bootstrap. Each resample joins blocks that begin at random positions, so that
// neighbours stay neighbours, and the last block is cut where the resample is full.

#include "analysis/statistics/block_bootstrap.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "models/base/quantile.h"
#include "models/base/random.h"

namespace offcut::analysis {

Interval block_bootstrap(std::span<const double> values, const Statistic& statistic,
                         double confidence, std::size_t resamples, std::uint64_t seed) {
  const std::size_t count = values.size();
  const auto block =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(count))));
  RandomStream stream = random_stream(seed, "block bootstrap");
  boost::random::uniform_int_distribution<std::size_t> position(0, count - 1);
  std::vector<double> figures(resamples);
  std::vector<double> sample;
  for (double& figure : figures) {
    sample.clear();
    while (sample.size() < count) {
      const std::size_t begin = position(stream);
      for (std::size_t i = 0; i < block && sample.size() < count; ++i) {
        sample.push_back(values[(begin + i) % count]);
      }
    }
    figure = statistic(sample);
  }
  std::vector<double> all(values.begin(), values.end());
  const double tail = (1 - confidence) / 2;
  return {.estimate = statistic(all),
          .low = quantile_in_place(figures, tail),
          .high = quantile_in_place(figures, 1 - tail),
          .confidence = confidence,
          .values = count};
}

}  // namespace offcut::analysis
