#include <doctest/doctest.h>

#include <algorithm>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::resnet18_test {

TEST_CASE("resnet18: work and weights") {
  // Counted from Caffe's variant in ncnn's benchmark: 1826.9 M MAC, 11.689 M parameters. The
  // paper's has 64 * 64 * 56 * 56 = 12.8 M MAC less, and 4096 weights and 64 biases less.
  const Zoo zoo;
  const LayerWork total = zoo.build("resnet18").total_work();
  CHECK(total.macs == doctest::Approx(1826.9e6).epsilon(0.005));
  CHECK(total.macs > 1822e6);  // The 0.5 % would not show that the projection exists.
  CHECK(total.parameters == doctest::Approx(11.689e6).epsilon(0.005));
}

TEST_CASE("resnet18: shortcuts and branches have equal shapes at every stage") {
  const Zoo zoo;
  const Graph graph = zoo.build("resnet18");
  CHECK(type_of(graph, "pool1").shape == Shape{1, 64, 56, 56});
  CHECK(type_of(graph, "res2a_branch1").shape == Shape{1, 64, 56, 56});
  CHECK(type_of(graph, "res3a").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "res4b").shape == Shape{1, 256, 14, 14});
  CHECK(type_of(graph, "res5b_relu").shape == Shape{1, 512, 7, 7});
  CHECK(graph.tensor(*graph.find_tensor("res2a_relu")).consumers.size() == 2);
}

TEST_CASE("resnet18: its answer is a distribution that no class owns: activations do not explode") {
  const Zoo zoo;
  const std::vector<float> classes = answer(zoo.build("resnet18"));
  REQUIRE(all_finite(classes));
  CHECK(sum(classes) == doctest::Approx(1).epsilon(1e-5));
  CHECK(*std::max_element(classes.begin(), classes.end()) < 0.5);
}

}  // namespace offcut::zoo::resnet18_test
