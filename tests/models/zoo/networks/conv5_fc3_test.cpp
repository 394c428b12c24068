#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::conv5_fc3_test {

TEST_CASE("conv5-fc3: work and weights") {
  // MAC: 512*32*32*27 = 14155776, 512*(16*16 + 3*8*8)*4608 = 1056964608, 8192*1024 + 2*1024*1024 =
  // 10485760. Weights and biases: 512*28 + 4*512*4609 + 8193*1024 + 2*1025*1024.
  const Zoo zoo;
  const LayerWork total = zoo.build("conv5-fc3").total_work();
  CHECK(total.macs == 1081606144);
  CHECK(total.parameters == 19942400);
}

TEST_CASE("conv5-fc3: 512*4*4 values are flattened") {
  const Zoo zoo;
  const Graph graph = zoo.build("conv5-fc3");
  CHECK(type_of(graph, "pool2").shape == Shape{1, 512, 8, 8});
  CHECK(type_of(graph, "flatten").shape == Shape{1, 8192});
  CHECK(type_of(graph, "prob").shape == Shape{1, 1024});
}

}  // namespace offcut::zoo::conv5_fc3_test
