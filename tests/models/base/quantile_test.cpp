#include "models/base/quantile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "models/base/random.h"

namespace offcut::quantile_test {

TEST_CASE("quantile: type 7, by hand") {
  // Position q (n - 1), counted from 0, between neighbours in proportion.
  CHECK(quantile({4, 1, 3, 2}, 0.5) == 2.5);
  CHECK(quantile({4, 1, 3, 2}, 0.25) == 1.75);  // Position 0.75: 1 + 0.75 * (2 - 1)
  CHECK(quantile({4, 1, 3, 2}, 0) == 1);
  CHECK(quantile({4, 1, 3, 2}, 1) == 4);
  CHECK(quantile({10, 20, 40}, 0.75) == 30);  // Position 1.5
  CHECK(quantile({7}, 0.9) == 7);
  CHECK(quantile({5, 5, 5, 1}, 0.5) == 5);
  // NumPy: np.quantile([15, 20, 35, 40, 50], 0.4) is 29 (position 1.6: 20 + 0.6 * 15).
  CHECK(quantile({50, 15, 40, 20, 35}, 0.4) == doctest::Approx(29));
}

TEST_CASE("quantile: random values give what the sorted list gives, in place too") {
  RandomStream random = random_stream(611, "values");
  for (std::size_t n = 1; n < 60; ++n) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) {
      values.push_back(std::floor(10 * boost::random::uniform_01<double>()(random)));
    }
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double q : {0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0}) {
      const double position = q * static_cast<double>(n - 1);
      const auto below = static_cast<std::size_t>(std::floor(position));
      const std::size_t above = std::min(below + 1, n - 1);
      const double share = position - std::floor(position);
      INFO("n " << n << ", q " << q);
      CHECK(quantile(values, q) ==
            doctest::Approx((1 - share) * sorted[below] + share * sorted[above]));
      std::vector<double> reordered = values;
      CHECK(quantile_in_place(reordered, q) == quantile(values, q));
      CHECK(std::is_permutation(reordered.begin(), reordered.end(), values.begin()));
    }
  }
}

}  // namespace offcut::quantile_test
