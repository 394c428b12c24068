#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::layer_normalization_test {

TEST_CASE("layer normalization: over the last axes, by hand") {
  const OneLayer last("LayerNormalization", {}, {{"epsilon", 0.0F}}, 17);
  const Tensor x = floats({2, 2}, {1, 3, 10, 30});
  CHECK(values(last.run({x, floats({2}, {1, 2}), floats({2}, {0, 5})})) ==
        std::vector<float>{-1, 7, -1, 7});
  CHECK(values(last.run({x, floats({2}, {1, 2})})) == std::vector<float>{-1, 2, -1, 2});
  const OneLayer all("LayerNormalization", {}, {{"epsilon", 9.0F}, {"axis", std::int64_t{0}}}, 17);
  // Mean 11, variance (100 + 64 + 1 + 361) / 4 = 131.5; the deviation with epsilon is 11.853270.
  const auto y = values(all.run({x, floats({2, 2}, {1, 1, 1, 1})}));
  CHECK(y[3] == doctest::Approx(19 / 11.8532696).epsilon(1e-6));
  CHECK_THROWS_WITH(last.run({x, floats({1})}),
                    "layer 'it' (LayerNormalization): scale or bias does not fit the last axes 2 "
                    "of 2x2");
}

}  // namespace offcut::ops::layer_normalization_test
