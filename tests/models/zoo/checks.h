#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/models/zoo/built.h"

namespace offcut::zoo {

/// Checks that both are within 0.5 %.
inline void check_work(const Graph& graph, double macs, double parameters) {
  const LayerWork total = graph.total_work();
  CHECK(total.macs == doctest::Approx(macs).epsilon(0.005));
  CHECK(total.parameters == doctest::Approx(parameters).epsilon(0.005));
}

/// Checks that the output is a distribution in which no class has all the weight, as it would if
/// activations exploded, and in which the classes differ, unlike if they died out: the greatest is
/// at least `contrast` times the mean.
inline void check_distribution(const Graph& graph, std::size_t classes, double contrast = 1.2) {
  const std::vector<float> y = answer(graph);
  REQUIRE(y.size() == classes);
  REQUIRE(all_finite(y));
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
  const float largest = *std::max_element(y.begin(), y.end());
  CHECK(largest < 0.5);
  CHECK(largest > contrast / static_cast<double>(classes));
}

/// Checks that each output's root mean square is between the two limits.
inline void check_deviation(const Graph& graph, double least, double most) {
  for (const std::vector<float>& y : answers(graph)) {
    REQUIRE(all_finite(y));
    double squares = 0;
    for (const float value : y) {
      squares += static_cast<double>(value) * value;
    }
    const double deviation = std::sqrt(squares / static_cast<double>(y.size()));
    CHECK(deviation > least);
    CHECK(deviation < most);
  }
}

}  // namespace offcut::zoo
