#include "analysis/statistics/holm.h"

#include <doctest/doctest.h>

namespace offcut::analysis::holm_test {
namespace {

TEST_CASE("holm multiplies the smallest by the number of tests, and never falls") {
  // In order 0.005, 0.01, 0.03, 0.04: 4 * 0.005 = 0.02; 3 * 0.01 = 0.03; 2 * 0.03 = 0.06; 1 * 0.04
  // is less than the one before.
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = holm_adjusted(p);
  CHECK(adjusted[0] == doctest::Approx(0.03));
  CHECK(adjusted[1] == doctest::Approx(0.06));
  CHECK(adjusted[2] == doctest::Approx(0.06));
  CHECK(adjusted[3] == doctest::Approx(0.02));
}

TEST_CASE("holm leaves a single test as it is, and stays at most 1") {
  CHECK(holm_adjusted(std::vector{0.2}) == std::vector{0.2});
  CHECK(holm_adjusted(std::vector{0.6, 0.7}) == std::vector{1.0, 1.0});
  CHECK(holm_adjusted(std::vector<double>{}).empty());
}

}  // namespace
}  // namespace offcut::analysis::holm_test
