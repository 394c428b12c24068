#include "tests/models/zoo/checks.h"

namespace offcut::zoo::branchy_lenet5_test {

TEST_CASE("branchy-lenet5: work and weights") {
  // MAC: conv1 5*30*30*25 = 112500; exit 10*15*15*45 + 10*640 = 107650; conv2 10*17*17*125 =
  // 361250; conv3 20*11*11*250 = 605000; dense 84*720 + 10*84 = 61320. Weights and biases: 130;
  // exit 460 + 6410; 1260; 5020; 60564 + 850.
  const Zoo zoo;
  const LayerWork total = zoo.build("branchy-lenet5").total_work();
  CHECK(total.macs == 1247720);
  CHECK(total.parameters == 74694);
}

TEST_CASE("branchy-lenet5: extents of the authors' code") {
  const Zoo zoo;
  const Graph graph = zoo.build("branchy-lenet5");
  CHECK(type_of(graph, "conv1").shape == Shape{1, 5, 30, 30});
  CHECK(type_of(graph, "exit1_flatten").shape == Shape{1, 640});
  CHECK(type_of(graph, "flatten").shape == Shape{1, 720});
}

TEST_CASE("branchy-lenet5: both exits answer with a distribution, the last one first") {
  const Zoo zoo;
  const Graph graph = zoo.build("branchy-lenet5");
  REQUIRE(graph.outputs().size() == 2);
  CHECK(graph.tensor(graph.outputs()[0]).name == "prob");
  CHECK(graph.tensor(graph.outputs()[1]).name == "exit1_prob");
  for (const std::vector<float>& y : answers(graph)) {
    CHECK(y.size() == 10);
    REQUIRE(all_finite(y));
    CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
  }
}

}  // namespace offcut::zoo::branchy_lenet5_test
