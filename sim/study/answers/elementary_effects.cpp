// Builds Morris' trajectories, asks for all of their values at once, and summarises the differences
// along each axis.

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "models/base/random.h"
#include "sim/study/answers/screening.h"

namespace offcut::study {
namespace {

std::size_t draw_below(std::size_t count, RandomStream& stream) {
  return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(stream);
}

/// A walk that moves one factor at a time, in a random order.
struct Trajectory {
  std::vector<std::vector<double>> points;  // One more than there are factors.
  std::vector<std::size_t> moved;           // The factor of each step.
  std::vector<double> step;                 // Its signed length.
};

Trajectory draw_trajectory(std::size_t factors, std::size_t levels, RandomStream& stream) {
  Trajectory walk;
  walk.moved.resize(factors);
  std::iota(walk.moved.begin(), walk.moved.end(), std::size_t{0});
  for (std::size_t i = factors; i-- > 1;) {  // Fisher and Yates; std::shuffle differs by library.
    std::swap(walk.moved[i], walk.moved[draw_below(i + 1, stream)]);
  }
  // Every level is as likely as any other: a start in the lower half goes up, one in the upper half
  // goes down by the same number of levels.
  const std::size_t jump = levels / 2;
  std::vector<std::size_t> at(factors);
  for (std::size_t& level : at) {
    level = draw_below(levels, stream);
  }
  const auto last = static_cast<double>(levels - 1);
  const auto point = [&] {
    std::vector<double> shares;
    for (const std::size_t level : at) {
      shares.push_back(static_cast<double>(level) / last);
    }
    return shares;
  };
  walk.points.push_back(point());
  for (const std::size_t factor : walk.moved) {
    const bool goes_up = at[factor] < jump;
    at[factor] = goes_up ? at[factor] + jump : at[factor] - jump;
    walk.step.push_back((goes_up ? 1 : -1) * static_cast<double>(jump) / last);
    walk.points.push_back(point());
  }
  return walk;
}

ElementaryEffects summary_of(const std::vector<double>& effects, double confidence) {
  ElementaryEffects summary{.effects = effects.size()};
  if (effects.empty()) {
    return summary;
  }
  const auto count = static_cast<double>(effects.size());
  std::vector<double> sizes;
  for (const double effect : effects) {
    sizes.push_back(std::abs(effect));
    summary.mean += effect / count;
    summary.mean_absolute += std::abs(effect) / count;
  }
  double squares = 0;
  for (const double effect : effects) {
    squares += (effect - summary.mean) * (effect - summary.mean);
  }
  summary.deviation = effects.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  summary.interval = analysis::mean_interval(sizes, confidence);
  return summary;
}

}  // namespace

std::vector<ElementaryEffects> elementary_effects(std::size_t factors, const MorrisOptions& options,
                                                  const ScreenedFunction& function) {
  if (options.levels < 2 || options.levels % 2 != 0) {
    throw std::invalid_argument("the number of levels must be even");
  }
  RandomStream stream = random_stream(options.seed, "trajectories");
  std::vector<Trajectory> walks;
  std::vector<std::vector<double>> points;
  for (std::size_t i = 0; i < options.trajectories; ++i) {
    const Trajectory& walk = walks.emplace_back(draw_trajectory(factors, options.levels, stream));
    points.insert(points.end(), walk.points.begin(), walk.points.end());
  }
  const std::vector<std::optional<double>> values = function(points);
  std::vector<std::vector<double>> effects(factors);
  std::size_t begin = 0;
  for (const Trajectory& walk : walks) {
    for (std::size_t step = 0; step < factors; ++step) {
      const auto &before = values[begin + step], &after = values[begin + step + 1];
      if (before && after) {
        effects[walk.moved[step]].push_back((*after - *before) / walk.step[step]);
      }
    }
    begin += walk.points.size();
  }
  std::vector<ElementaryEffects> summaries;
  for (const std::vector<double>& of_factor : effects) {
    summaries.push_back(summary_of(of_factor, options.confidence));
  }
  return summaries;
}

}  // namespace offcut::study
