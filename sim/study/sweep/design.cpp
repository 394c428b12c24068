#include "sim/study/sweep/design.h"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "models/base/random.h"

namespace offcut::study {
namespace {

using Points = std::vector<std::vector<double>>;

constexpr std::size_t kMostDimensions = 1000;
constexpr std::size_t kMostSobol = 3666;  // Of Boost's table.

Points random_points(std::size_t points, std::size_t dimensions, std::uint64_t seed) {
  RandomStream stream = random_stream(seed, "random design");
  boost::random::uniform_01<double> uniform;
  Points all(points, std::vector<double>(dimensions));
  for (std::vector<double>& point : all) {
    for (double& value : point) {
      value = uniform(stream);
    }
  }
  return all;
}

Points latin_hypercube(std::size_t points, std::size_t dimensions, std::uint64_t seed) {
  RandomStream stream = random_stream(seed, "latin hypercube");
  boost::random::uniform_01<double> uniform;
  Points all(points, std::vector<double>(dimensions));
  std::vector<std::size_t> intervals(points);
  for (std::size_t dimension = 0; dimension < dimensions; ++dimension) {
    for (std::size_t i = 0; i < points; ++i) {
      intervals[i] = i;
    }
    for (std::size_t i = points; i-- > 1;) {  // Fisher and Yates; std::shuffle differs by library.
      boost::random::uniform_int_distribution<std::size_t> to(0, i);
      std::swap(intervals[i], intervals[to(stream)]);
    }
    for (std::size_t i = 0; i < points; ++i) {
      all[i][dimension] =
          (static_cast<double>(intervals[i]) + uniform(stream)) / static_cast<double>(points);
    }
  }
  return all;
}

/// The sequence without its first point, the origin. It has no random numbers.
Points sobol_points(std::size_t points, std::size_t dimensions, std::uint64_t /*seed*/) {
  boost::random::sobol engine(dimensions);
  boost::random::uniform_01<double> uniform;
  Points all(points, std::vector<double>(dimensions));
  for (std::vector<double>& point : all) {
    for (double& value : point) {
      value = uniform(engine);
    }
  }
  return all;
}

constexpr std::size_t kDesigns = 3;

}  // namespace

std::span<const Design> designs() {
  static const Design kAll[kDesigns] = {
      {"latin-hypercube", "each parameter has one value in each of as many intervals as points",
       kMostDimensions, latin_hypercube},
      {"random", "independent, uniform values", kMostDimensions, random_points},
      {"sobol", "a low-discrepancy sequence, which fills the space evenly", kMostSobol,
       sobol_points}};
  return kAll;
}

}  // namespace offcut::study
