#include "models/cost/boosted_trees.h"

#include <doctest/doctest.h>

namespace offcut::cost {
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

}  // namespace offcut::cost
