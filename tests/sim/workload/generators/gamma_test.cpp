#include <doctest/doctest.h>

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <map>

#include "../arrival_times.h"

namespace offcut::workload::gamma_test {
namespace {

using boost::math::gamma_p;
using boost::math::gamma_q;

}  // namespace

TEST_CASE("gamma: gaps of that mean and coefficient of variation, gamma distributed") {
  for (const double cv : {0.1, 0.5, 1.0, 2.0, 5.0}) {
    CAPTURE(cv);
    const double shape = 1 / (cv * cv);  // Mean shape scale = 1 / 4, variance shape scale^2.
    CHECK(fits(Process("gamma", {{"rate", 4}, {"cv", cv}}).gaps(100'000),
               [&](double t) { return t <= 0 ? 0 : gamma_p(shape, t * 4 * shape); }));
  }
}

TEST_CASE("gamma: the first gap is the rest of one at a random time") {
  // Its density is rate P(gap > t); integrated by parts with t P(gap = t) ~ a shape larger by 1.
  for (const double cv : {0.1, 0.5, 2.0}) {
    CAPTURE(cv);
    const double shape = 1 / (cv * cv);
    CHECK(fits(Process("gamma", {{"rate", 4}, {"cv", cv}}).firsts(20'000), [&](double t) {
      const double scaled = t * 4 * shape;
      return scaled <= 0 ? 0 : 4 * t * gamma_q(shape, scaled) + gamma_p(shape + 1, scaled);
    }));
  }
}

TEST_CASE("gamma: counts of a process of two exponential phases per gap") {
  // Shape 2: every second event of a Poisson process at twice the rate, from a random one on.
  const double cv = std::sqrt(0.5);
  constexpr double kEnd = 3;
  constexpr double kEvents = 2 * 1.5 * kEnd;
  constexpr std::size_t kSources = 50'000;
  std::map<std::size_t, double> seen;
  const Process process("gamma", {{"rate", 1.5}, {"cv", cv}});
  for (std::size_t i = 0; i < kSources; ++i) {
    seen[process.times_until(kEnd, i).size()] += 1.0 / kSources;
  }
  std::map<std::size_t, double> expected;
  double poisson = std::exp(-kEvents);
  for (std::size_t events = 0; events < 60; ++events) {
    expected[events / 2] += poisson / 2;
    expected[(events + 1) / 2] += poisson / 2;
    poisson *= kEvents / static_cast<double>(events + 1);
  }
  for (const auto& [count, share] : expected) {
    CAPTURE(count);
    // Six standard errors, and one source.
    CHECK(std::abs(seen[count] - share) <
          6 * std::sqrt(share * (1 - share) / kSources) + 1.0 / kSources);
  }
}

}  // namespace offcut::workload::gamma_test
