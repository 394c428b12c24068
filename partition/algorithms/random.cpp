// `random` puts each layer on a random tier, not before its producers, all with the same
// probability, and keeps the best of `tries` plans that keep the limits. Any algorithm should beat
// it. O(tries * tensors * tiers).

#include "models/base/random.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "partition/algorithm.h"
#include "partition/dependence.h"

namespace offcut::partition {
namespace {

Answer solve_random(const Problem& problem, const Parameters& parameters) {
  RandomStream stream =
      random_stream(static_cast<std::uint64_t>(parameters.at("seed")), "random plan");
  const std::vector<std::vector<LayerId>> before = makers_of(problem);
  const auto& pinned = problem.goal.limits.pinned;
  Assignment best;
  double least = INFINITY;
  for (double tried = 0; tried < parameters.at("tries"); ++tried) {
    Assignment tier_of(problem.layer_count(), 0);
    for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
      std::size_t nearest = 0;
      for (const LayerId maker : before[layer]) {
        nearest = std::max(nearest, tier_of[maker]);
      }
      if (!std::binary_search(pinned.begin(), pinned.end(), layer)) {
        tier_of[layer] = boost::random::uniform_int_distribution<std::size_t>(
            nearest, problem.tier_count() - 1)(stream);
      }
    }
    const auto value = value_within_limits(problem, tier_of);
    if (value && *value < least) {
      least = *value;
      best = std::move(tier_of);
    }
  }
  if (least == INFINITY) {
    return Declined{"none of its plans keeps the limits"};
  }
  return best;
}

/// See Growth::seconds.
double seconds_of_random(const Problem& problem, const Parameters& parameters) {
  return 1e-8 * parameters.at("tries") * double(problem.tensors.size() * problem.tier_count());
}

}  // namespace

void register_random(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "random",
       .doc = "a random monotone assignment",
       .citation = "baseline",
       .growth = {"tries tensors tiers", seconds_of_random},
       .within = {.pins = true, .memory = true, .deadline = true},
       .parameters =
           {{.name = "seed", .fallback = 1, .most = 0x1p53, .doc = "seed of its random draws"},
            {.name = "tries",
             .fallback = 1,
             .least = 1,
             .most = 1e6,
             .doc = "plans that it draws; the best one is kept"}},
       .solve = solve_random});
}

}  // namespace offcut::partition
