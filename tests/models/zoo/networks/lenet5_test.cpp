#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::lenet5_test {

TEST_CASE("lenet5: work and weights") {
  // MAC: 6*28*28*25 = 117600, 16*10*10*150 = 240000, 120*400 = 48000, 84*120 = 10080, 10*84 = 840.
  // Weights and biases: 156 + 2416 + 48120 + 10164 + 850, the well-known 61706.
  const Zoo zoo;
  const LayerWork total = zoo.build("lenet5").total_work();
  CHECK(total.macs == 416520);
  CHECK(total.parameters == 61706);
}

TEST_CASE("lenet5: 28x28 pixels behave as the classic 32x32") {
  const Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  CHECK(type_of(graph, "image").shape == Shape{1, 1, 28, 28});
  CHECK(type_of(graph, "conv1").shape == Shape{1, 6, 28, 28});
  CHECK(type_of(graph, "pool2").shape == Shape{1, 16, 5, 5});
  CHECK(type_of(graph, "conv3").shape == Shape{1, 120, 1, 1});
}

TEST_CASE("lenet5: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("lenet5"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::lenet5_test
