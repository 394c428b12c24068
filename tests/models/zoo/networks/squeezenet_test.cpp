#include "tests/models/zoo/checks.h"

namespace offcut::zoo::squeezenet_test {

TEST_CASE("squeezenet: work and weights") {
  // Counted from version 1.1 in ncnn's benchmark, at 227x227 with poolings that round up: 418.5 M
  // MAC, 1.235 M parameters (torchvision: 1235496).
  const Zoo zoo;
  const Graph graph = zoo.build("squeezenet");
  check_work(graph, 418.5e6, 1.235e6);
  CHECK(graph.total_work().parameters == 1235496);
}

TEST_CASE("squeezenet: poolings round up") {
  const Zoo zoo;
  const Graph graph = zoo.build("squeezenet");
  CHECK(type_of(graph, "conv1").shape == Shape{1, 64, 113, 113});
  CHECK(type_of(graph, "pool1").shape == Shape{1, 64, 56, 56});
  CHECK(type_of(graph, "pool3").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "pool5").shape == Shape{1, 256, 14, 14});  // 13 where they round down
  CHECK(type_of(graph, "fire9_concat").shape == Shape{1, 512, 14, 14});
  CHECK(type_of(graph, "conv10").shape == Shape{1, 1000, 16, 16});
}

TEST_CASE("squeezenet: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("squeezenet"), 1000);
}

}  // namespace offcut::zoo::squeezenet_test
