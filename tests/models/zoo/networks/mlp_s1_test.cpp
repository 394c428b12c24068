#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::mlp_s1_test {

TEST_CASE("mlp-s1: work and weights") {
  // MAC: 10*10 + 10. Weights and biases: 110 + 11.
  const Zoo zoo;
  const LayerWork total = zoo.build("mlp-s1").total_work();
  CHECK(total.macs == 110);
  CHECK(total.parameters == 121);
}

TEST_CASE("mlp-s1: its answer is one number between 0 and 1") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("mlp-s1"));
  REQUIRE(y.size() == 1);
  CHECK(y[0] > 0);
  CHECK(y[0] < 1);
}

}  // namespace offcut::zoo::mlp_s1_test
