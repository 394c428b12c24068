#include "tests/models/zoo/checks.h"

namespace offcut::zoo::googlenet_test {

TEST_CASE("googlenet: work and weights") {
  // Counted from Caffe's model in ncnn's benchmark: 1582.7 M MAC, 6.999 M parameters.
  const Zoo zoo;
  check_work(zoo.build("googlenet"), 1582.7e6, 6.999e6);
}

TEST_CASE("googlenet: extents and channels of the paper's table 1") {
  const Zoo zoo;
  const Graph graph = zoo.build("googlenet");
  CHECK(type_of(graph, "pool1").shape == Shape{1, 64, 56, 56});
  CHECK(type_of(graph, "pool2").shape == Shape{1, 192, 28, 28});
  CHECK(type_of(graph, "inception3a_output").shape == Shape{1, 256, 28, 28});
  CHECK(type_of(graph, "inception3b_output").shape == Shape{1, 480, 28, 28});
  CHECK(type_of(graph, "inception4e_output").shape == Shape{1, 832, 14, 14});
  CHECK(type_of(graph, "inception5b_output").shape == Shape{1, 1024, 7, 7});
}

TEST_CASE("googlenet: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("googlenet"), 1000);
}

}  // namespace offcut::zoo::googlenet_test
