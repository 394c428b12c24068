#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::seeds_cnn_test {

TEST_CASE("seeds-cnn: work and weights") {
  // MAC: 32*30*30*9 = 259200, 64*28*28*288 = 14450688, 3136*100 + 100*10 = 314600.
  // Weights and biases: 320 + 18496 + 313700 + 1010.
  const Zoo zoo;
  const LayerWork total = zoo.build("seeds-cnn").total_work();
  CHECK(total.macs == 15024488);
  CHECK(total.parameters == 333526);
}

TEST_CASE("seeds-cnn: 64*7*7 values are flattened") {
  const Zoo zoo;
  const Graph graph = zoo.build("seeds-cnn");
  CHECK(type_of(graph, "pool2").shape == Shape{1, 64, 7, 7});
  CHECK(type_of(graph, "flatten").shape == Shape{1, 3136});
}

TEST_CASE("seeds-cnn: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("seeds-cnn"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::seeds_cnn_test
