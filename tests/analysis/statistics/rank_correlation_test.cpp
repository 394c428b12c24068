#include "analysis/statistics/rank_correlation.h"

#include <doctest/doctest.h>

#include <vector>

namespace offcut::analysis::rank_correlation_test {
namespace {

TEST_CASE("equal and opposite orders") {
  const std::vector<double> a = {1, 2, 3, 10};
  const std::vector<double> b = {2, 3, 5, 7};
  const std::vector<double> c = {4, 3, 2, 1};
  CHECK(*kendall(a, b) == doctest::Approx(1));
  CHECK(*spearman(a, b) == doctest::Approx(1));
  CHECK(*kendall(a, c) == doctest::Approx(-1));
  CHECK(*spearman(a, c) == doctest::Approx(-1));
}

// By hand: ranks 4.5 2.5 1 4.5 2.5 and 2.5 4 5 2.5 1, and -5 / sqrt(9 * 9.5).
TEST_CASE("values with ties") {
  const std::vector<double> a = {12, 2, 1, 12, 2};
  const std::vector<double> b = {1, 4, 7, 1, 0};
  CHECK(*kendall(a, b) == doctest::Approx(-0.4714045));
  CHECK(*spearman(a, b) == doctest::Approx(-0.5407381));
}

TEST_CASE("values that are all equal have no order") {
  const std::vector<double> a = {1, 1, 1};
  const std::vector<double> b = {1, 2, 3};
  CHECK_FALSE(kendall(a, b));
  CHECK_FALSE(spearman(b, a));
  CHECK_FALSE(kendall({}, {}));
}

}  // namespace
}  // namespace offcut::analysis::rank_correlation_test
