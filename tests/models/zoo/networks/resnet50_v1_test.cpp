#include "tests/models/zoo/checks.h"

namespace offcut::zoo::resnet50_v1_test {

TEST_CASE("resnet50-v1: work and weights") {
  // The network of ncnn's benchmark page has 3858 M MAC, counted in its .param file. The weights
  // are those of resnet50.
  const Zoo zoo;
  check_work(zoo.build("resnet50-v1"), 3858e6, 25.56e6);
}

TEST_CASE("resnet50-v1: the first 1x1 has the stride") {
  const Zoo zoo;
  const Graph graph = zoo.build("resnet50-v1");
  CHECK(type_of(graph, "res2c_relu").shape == Shape{1, 256, 56, 56});
  CHECK(type_of(graph, "res3a_branch2a").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "res3a_branch2b").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "res3a_branch1").shape == Shape{1, 512, 28, 28});
  CHECK(type_of(graph, "res4f").shape == Shape{1, 1024, 14, 14});
  CHECK(type_of(graph, "res5c_relu").shape == Shape{1, 2048, 7, 7});
}

TEST_CASE("resnet50-v1: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("resnet50-v1"), 1000);
}

}  // namespace offcut::zoo::resnet50_v1_test
