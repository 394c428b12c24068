#include "tests/models/zoo/checks.h"

namespace offcut::zoo::yolov2_test {

TEST_CASE("yolov2: work and weights") {
  // darknet's site: 62.94 GFLOP at 608x608, two per MAC. At 416x416: 31.47 G * (416 / 608)^2 =
  // 14732.5 M MAC. Its yolov2.weights has 203934260 bytes, 16 of which are a header: 50983561
  // numbers. Batch normalisation of 10336 filters has 4 each of them, and 1 here.
  const Zoo zoo;
  const Graph graph = zoo.build("yolov2");
  check_work(graph, 14732.5e6, 50983561 - 3 * 10336);
}

TEST_CASE("yolov2: the passthrough joins 26x26 with 13x13") {
  const Zoo zoo;
  const Graph graph = zoo.build("yolov2");
  CHECK(type_of(graph, "conv13_leaky").shape == Shape{1, 512, 26, 26});
  CHECK(type_of(graph, "conv18_leaky").shape == Shape{1, 1024, 13, 13});
  CHECK(type_of(graph, "reorg").shape == Shape{1, 256, 13, 13});
  CHECK(type_of(graph, "concat").shape == Shape{1, 1280, 13, 13});
  CHECK(type_of(graph, "conv22").shape == Shape{1, 425, 13, 13});
}

TEST_CASE("yolov2: activations neither explode nor die out" * doctest::test_suite("slow")) {
  const Zoo zoo;
  check_deviation(zoo.build("yolov2"), 0.1, 10);
}

}  // namespace offcut::zoo::yolov2_test
