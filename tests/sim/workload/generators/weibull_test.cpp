#include <doctest/doctest.h>

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>

#include "../arrival_times.h"

namespace offcut::workload::weibull_test {

TEST_CASE("weibull: gaps of that shape and mean, the first one the rest at a random time") {
  for (const double shape : {0.5, 1.0, 2.0, 8.0}) {
    CAPTURE(shape);
    const double scale = 1 / (4 * std::tgamma(1 + 1 / shape));
    const Process process("weibull", {{"rate", 4}, {"shape", shape}});
    const auto power = [&](double t) { return std::pow(t / scale, shape); };
    CHECK(fits(process.gaps(100'000), [&](double t) { return -std::expm1(-power(t)); }));
    // The integral of 4 P(gap > t): with y = (t / scale)^shape, an incomplete gamma function.
    CHECK(fits(process.firsts(20'000),
               [&](double t) { return boost::math::gamma_p(1 / shape, power(t)); }));
  }
}

TEST_CASE("weibull: the mean rate is the given one") {
  for (const double shape : {0.5, 3.0}) {
    CAPTURE(shape);
    const std::vector<double> gaps =
        Process("weibull", {{"rate", 4}, {"shape", shape}}).gaps(200'000);
    const double mean = std::accumulate(gaps.begin(), gaps.end(), 0.0) / 200'000;
    // Shape 0.5: standard deviation sqrt(5) of the mean. Five standard errors.
    CHECK(std::abs(mean * 4 - 1) < 5 * std::sqrt(5.0 / 200'000));
  }
}

}  // namespace offcut::workload::weibull_test
