#include "tests/models/zoo/checks.h"

namespace offcut::zoo::efficientnet_b0_test {

TEST_CASE("efficientnet-b0: work and weights") {
  // Counted from the network in ncnn's benchmark, with batch normalisation folded: 385.8 M MAC,
  // 5.268 M parameters (torchvision: 0.39 G and 5.289 M, not folded).
  const Zoo zoo;
  check_work(zoo.build("efficientnet-b0"), 385.8e6, 5.268e6);
}

TEST_CASE("efficientnet-b0: gates squeeze to a quarter of the block's input channels") {
  const Zoo zoo;
  const Graph graph = zoo.build("efficientnet-b0");
  CHECK(type_of(graph, "block1_1_se_reduce").shape == Shape{1, 8, 1, 1});
  CHECK(type_of(graph, "block3_2_se_reduce").shape == Shape{1, 10, 1, 1});
  CHECK(type_of(graph, "block3_2_se_expand").shape == Shape{1, 240, 1, 1});
  CHECK(type_of(graph, "block3_2_se").shape == Shape{1, 240, 28, 28});
  CHECK(type_of(graph, "block6_4_add").shape == Shape{1, 192, 7, 7});
  CHECK(type_of(graph, "block7_1_project").shape == Shape{1, 320, 7, 7});
}

TEST_CASE("efficientnet-b0: its answer is a distribution that no class owns") {
  const Zoo zoo;
  // SiLU halves small signals more than ReLU does, so there is little contrast.
  check_distribution(zoo.build("efficientnet-b0"), 1000, 1.05);
}

}  // namespace offcut::zoo::efficientnet_b0_test
