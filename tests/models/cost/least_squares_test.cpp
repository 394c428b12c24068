#include "models/cost/least_squares.h"

#include <doctest/doctest.h>

#include "models/base/random.h"

namespace offcut::cost::least_squares_test {

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

TEST_CASE("least squares: the conditions of an optimum, on random problems") {
  // At the optimum, the error has no slope in a positive variable, and rises in one that is 0.
  std::size_t at_bound = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(911, "least squares", i);
    const auto draw = [&] { return static_cast<double>(random() % 2001) / 1000 - 1; };
    const std::size_t columns = 1 + random() % 5;
    std::vector<std::vector<double>> rows(columns + random() % 6, std::vector<double>(columns));
    std::vector<double> b;
    for (auto& row : rows) {
      for (double& entry : row) {
        entry = draw();
      }
      b.push_back(draw() + 0.5);
    }
    const std::vector<double> x = nonnegative_least_squares(rows, b);
    REQUIRE(x.size() == columns);
    for (std::size_t j = 0; j < columns; ++j) {
      double slope = 0;
      for (std::size_t row = 0; row < rows.size(); ++row) {
        double error = -b[row];
        for (std::size_t k = 0; k < columns; ++k) {
          error += rows[row][k] * x[k];
        }
        slope += error * rows[row][j];
      }
      CHECK(x[j] >= 0);
      CHECK(slope > -1e-7);
      CHECK((x[j] == 0 || slope < 1e-7));
      at_bound += x[j] == 0 ? 1U : 0U;
    }
  }
  CHECK(at_bound > 100);
}

}  // namespace offcut::cost::least_squares_test
