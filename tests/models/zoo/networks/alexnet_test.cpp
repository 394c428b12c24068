#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::alexnet_test {

TEST_CASE("alexnet: work and weights") {
  // Counted from CaffeNet, as in ncnn's benchmark: 724.4 M MAC, 60.965 M parameters. The order of
  // norm and pool changes neither.
  const Zoo zoo;
  const LayerWork total = zoo.build("alexnet").total_work();
  CHECK(total.macs == doctest::Approx(724.4e6).epsilon(0.005));
  CHECK(total.parameters == doctest::Approx(60.965e6).epsilon(0.005));
}

TEST_CASE("alexnet: the tensors at its best cuts") {
  const Zoo zoo;
  const Graph graph = zoo.build("alexnet");
  CHECK(graph.wire_bytes(*graph.find_tensor("image")) == 154587);  // 227 * 227 * 3
  CHECK(type_of(graph, "conv1").bytes() == 1161600);               // 96 * 55 * 55 * 4
  CHECK(type_of(graph, "pool5").bytes() == 36864);                 // 256 * 6 * 6 * 4
  CHECK(type_of(graph, "fc6.weight").bytes() == 150994944);        // 9216 * 4096 * 4
}

TEST_CASE("alexnet: two groups in conv2, conv4 and conv5, norm before pool") {
  const Zoo zoo;
  const Graph graph = zoo.build("alexnet");
  CHECK(type_of(graph, "conv2.weight").shape == Shape{256, 48, 5, 5});
  CHECK(type_of(graph, "conv3.weight").shape == Shape{384, 256, 3, 3});
  CHECK(type_of(graph, "conv4.weight").shape == Shape{384, 192, 3, 3});
  CHECK(type_of(graph, "conv5.weight").shape == Shape{256, 192, 3, 3});
  CHECK(type_of(graph, "norm1").shape == Shape{1, 96, 55, 55});
}

}  // namespace offcut::zoo::alexnet_test
