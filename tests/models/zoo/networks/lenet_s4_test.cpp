#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::lenet_s4_test {

TEST_CASE("lenet-s4: work and weights") {
  // MAC: 6*28*28*75 = 352800, 16*10*10*150 = 240000, 400*120 + 120*84 + 84*10 = 58920.
  // Weights and biases: 456 + 2416 + 48120 + 10164 + 850.
  const Zoo zoo;
  const LayerWork total = zoo.build("lenet-s4").total_work();
  CHECK(total.macs == 651720);
  CHECK(total.parameters == 62006);
}

TEST_CASE("lenet-s4: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("lenet-s4"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::lenet_s4_test
