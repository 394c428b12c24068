#include "tests/models/zoo/checks.h"

namespace offcut::zoo::yolov3_tiny_test {

TEST_CASE("yolov3-tiny: work and weights") {
  // darknet's site: 5.56 GFLOP, two per MAC. From the layers' extents: 2782480896 MAC, 8845488
  // weights and 3694 biases.
  const Zoo zoo;
  const LayerWork total = zoo.build("yolov3-tiny").total_work();
  CHECK(total.macs == 2782480896);
  CHECK(total.macs == doctest::Approx(5.56e9 / 2).epsilon(0.005));
  CHECK(total.parameters == 8845488 + 3694 + 4);  // 4 scales
}

TEST_CASE("yolov3-tiny: two resolutions, the coarse one joined with the fine one") {
  const Zoo zoo;
  const Graph graph = zoo.build("yolov3-tiny");
  CHECK(type_of(graph, "conv5").shape == Shape{1, 256, 26, 26});
  CHECK(type_of(graph, "pool6").shape == Shape{1, 512, 13, 13});
  CHECK(type_of(graph, "upsample").shape == Shape{1, 128, 26, 26});
  CHECK(type_of(graph, "concat").shape == Shape{1, 384, 26, 26});
  REQUIRE(graph.outputs().size() == 2);
  CHECK(graph.tensor(graph.outputs()[0]).type.shape == Shape{1, 255, 13, 13});
  CHECK(graph.tensor(graph.outputs()[1]).type.shape == Shape{1, 255, 26, 26});
}

TEST_CASE("yolov3-tiny: activations neither explode nor die out") {
  const Zoo zoo;
  check_deviation(zoo.build("yolov3-tiny"), 0.1, 10);
}

}  // namespace offcut::zoo::yolov3_tiny_test
