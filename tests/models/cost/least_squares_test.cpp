#include "models/cost/least_squares.h"

#include <doctest/doctest.h>

namespace offcut::cost {

TEST_CASE("least squares: the exact solution if it is not negative") {
  const std::vector<double> x =
      nonnegative_least_squares({{1, 0}, {1, 1}, {1, 2}, {1, 3}}, std::vector<double>{2, 5, 8, 11});
  CHECK(x[0] == doctest::Approx(2));
  CHECK(x[1] == doctest::Approx(3));
}

TEST_CASE("least squares: a variable that would be negative is 0, and the others fit without it") {
  // The data 5 - t fall, so the best line that does not fall is the mean.
  const std::vector<double> x =
      nonnegative_least_squares({{1, 0}, {1, 1}, {1, 2}}, std::vector<double>{5, 4, 3});
  CHECK(x[0] == doctest::Approx(4));
  CHECK(x[1] == 0);
}

TEST_CASE("least squares: columns of very different magnitude, and a column of zeros") {
  const std::vector<double> x = nonnegative_least_squares({{1, 1e9, 0}, {1, 2e9, 0}, {1, 5e9, 0}},
                                                          std::vector<double>{1.1, 1.2, 1.5});
  CHECK(x[0] == doctest::Approx(1));
  CHECK(x[1] == doctest::Approx(1e-10));
  CHECK(x[2] == 0);
}

}  // namespace offcut::cost
