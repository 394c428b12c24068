#include "tests/models/zoo/checks.h"

namespace offcut::zoo::vit_b16_test {

TEST_CASE("vit-b16: work and weights") {
  // With n = 197 tokens, d = 768 and 4 d between: 12 (4 n d^2 + 2 n^2 d + 8 n d^2) = 17447.3 M MAC,
  // 196 patches * d * 3 * 16^2 = 115.6 M, head 0.8 M. timm: 17.58 G MAC, 86.57 M parameters.
  const Zoo zoo;
  check_work(zoo.build("vit-b16"), 17563.8e6, 86.568e6);
}

TEST_CASE("vit-b16: 196 patches and the class") {
  const Zoo zoo;
  const Graph graph = zoo.build("vit-b16");
  CHECK(type_of(graph, "patches").shape == Shape{1, 768, 14, 14});
  CHECK(type_of(graph, "tokens").shape == Shape{1, 197, 768});
  CHECK(type_of(graph, "layer1_attention_scores").shape == Shape{1, 12, 197, 197});
  CHECK(type_of(graph, "first").shape == Shape{1, 768});
}

TEST_CASE("vit-b16: its answer is a distribution that no class owns" *
          doctest::test_suite("slow")) {
  const Zoo zoo;
  check_distribution(zoo.build("vit-b16"), 1000);
}

}  // namespace offcut::zoo::vit_b16_test
