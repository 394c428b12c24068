#include "models/cost/boosted_trees.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/base/random.h"

namespace offcut::cost::boosted_trees_test {
namespace {

/// Returns samples with a step at 10 in the first feature; the second one is noise.
std::vector<std::vector<double>> inputs() {
  std::vector<std::vector<double>> x;
  for (int i = 0; i < 40; ++i) {
    x.push_back({static_cast<double>(i), static_cast<double>(i * 7 % 5)});
  }
  return x;
}

std::vector<double> steps() {
  std::vector<double> y;
  for (int i = 0; i < 40; ++i) {
    y.push_back(i < 10 ? -1 : 2);
  }
  return y;
}

}  // namespace

TEST_CASE("boosted trees: they fit a step, which no line does") {
  const std::vector<Tree> trees = boost(inputs(), steps());
  CHECK(evaluate(trees, std::vector<double>{3, 1}) == doctest::Approx(-1).epsilon(0.01));
  CHECK(evaluate(trees, std::vector<double>{30, 1}) == doctest::Approx(2).epsilon(0.01));
}

TEST_CASE("boosted trees: beyond the samples, the prediction is that at their edge") {
  const std::vector<Tree> trees = boost(inputs(), steps());
  CHECK(evaluate(trees, std::vector<double>{1e9, 0}) ==
        evaluate(trees, std::vector<double>{39, 0}));
}

TEST_CASE("boosted trees: the same samples give the same trees; too few give none") {
  CHECK(boost(inputs(), steps()) == boost(inputs(), steps()));
  CHECK(boost({{1}, {2}, {3}}, std::vector<double>{1, 2, 3}).empty());
  CHECK(evaluate(std::vector<Tree>{}, std::vector<double>{1}) == 0);
}

namespace {

using Rows = std::vector<std::vector<double>>;

double squared_error(const std::vector<double>& values) {
  double mean = 0;
  for (const double value : values) {
    mean += value / static_cast<double>(values.size());
  }
  double sum = 0;
  for (const double value : values) {
    sum += (value - mean) * (value - mean);
  }
  return sum;
}

/// Returns the prediction at a point of a tree that splits the samples where the squared error of
/// both parts is least, among all features and all middles between two values.
double naive_tree(const Rows& x, const std::vector<double>& y, const BoostOptions& options,
                  int depth, const std::vector<double>& point) {
  double least = squared_error(y) - 1e-12;
  Rows best_x;
  std::vector<double> best_y;
  for (std::size_t feature = 0; depth > 0 && feature < point.size(); ++feature) {
    for (const auto& a : x) {
      double next = 1e300;  // The next larger value of the feature.
      for (const auto& b : x) {
        next = b[feature] > a[feature] ? std::min(next, b[feature]) : next;
      }
      const double threshold = (a[feature] + next) / 2;
      Rows side[2];
      std::vector<double> side_y[2];
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t right = x[i][feature] < threshold ? 0 : 1;
        side[right].push_back(x[i]);
        side_y[right].push_back(y[i]);
      }
      if (next == 1e300 || std::min(side[0].size(), side[1].size()) < options.least_in_leaf) {
        continue;
      }
      const double error = squared_error(side_y[0]) + squared_error(side_y[1]);
      if (error < least) {
        least = error;
        const std::size_t here = point[feature] < threshold ? 0 : 1;
        best_x = side[here];
        best_y = side_y[here];
      }
    }
  }
  if (!best_y.empty()) {
    return naive_tree(best_x, best_y, options, depth - 1, point);
  }
  double sum = 0;
  for (const double value : y) {
    sum += value;
  }
  return options.rate * sum / (static_cast<double>(y.size()) + options.caution);
}

}  // namespace

TEST_CASE("boosted trees: each tree has the best splits of the residuals, against all splits") {
  for (std::uint64_t i = 0; i < 100; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(921, "trees", i);
    const auto draw = [&] { return static_cast<double>(random() % 100000) / 1000; };
    const BoostOptions options{.trees = 2,
                               .depth = static_cast<int>(random() % 4),
                               .least_in_leaf = 1 + random() % 4,
                               .rate = 0.5,
                               .caution = 2};
    Rows x;
    std::vector<double> y;
    for (std::size_t k = 0; k < 2 * options.least_in_leaf + random() % 12; ++k) {
      x.push_back({draw()});
      if (i % 2 == 0) {
        x.back().insert(x.back().begin(), static_cast<double>(random() % 4));
      }
      y.push_back(draw());
    }
    const std::vector<Tree> trees = boost(x, y, options);
    REQUIRE(trees.size() == 2);
    std::vector<double> residuals = y;
    for (std::size_t k = 0; k < x.size(); ++k) {
      residuals[k] -= naive_tree(x, y, options, options.depth, x[k]);
    }
    for (int k = 0; k < 10; ++k) {
      // Two features may divide the samples in the same way, but not other points.
      const std::vector<double> point =
          i % 2 == 0 ? x[random() % x.size()] : std::vector<double>{draw()};
      const double first = naive_tree(x, y, options, options.depth, point);
      CHECK(evaluate({trees[0]}, point) == doctest::Approx(first).epsilon(1e-9));
      CHECK(evaluate(trees, point) ==
            doctest::Approx(first + naive_tree(x, residuals, options, options.depth, point))
                .epsilon(1e-9));
    }
    x.resize(2 * options.least_in_leaf - 1);
    y.resize(x.size());
    CHECK(boost(x, y, options).empty());
  }
}

}  // namespace offcut::cost::boosted_trees_test
