// The meaning of an attribute, and its default, from the first version of the operator that has it
// on, by hand.

#include <doctest/doctest.h>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::first_versions_test {

TEST_CASE("versions: depth to space has a mode from opset 11 on") {
  const Tensor x = floats({1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto blocks = [&](int opset, const std::string& mode) {
    AttributePairs attributes = {{"blocksize", std::int64_t{2}}};
    if (!mode.empty()) {
      attributes.emplace_back("mode", mode);
    }
    return values(OneLayer("DepthToSpace", {}, attributes, opset).run({x}));
  };
  const std::vector<float> by_depth = {0, 2, 4, 6, 1, 3, 5, 7};
  CHECK(blocks(10, "") == by_depth);
  for (const int opset : {11, 12, 13}) {
    CAPTURE(opset);
    CHECK(blocks(opset, "") == by_depth);
    CHECK(blocks(opset, "DCR") == by_depth);
    CHECK(blocks(opset, "CRD") == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
  }
}

TEST_CASE("versions: roi align counts from the centres of pixels from opset 16 on") {
  // One sample, in the middle of the region: at 2 and 2, or half a pixel before.
  const std::vector<float> image = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (const int opset : {10, 15, 16, 17}) {
    CAPTURE(opset);
    const OneLayer layer("RoiAlign", {}, {{"sampling_ratio", std::int64_t{1}}}, opset);
    const Tensor y =
        layer.run({floats({1, 1, 4, 4}, image), floats({1, 4}, {1, 1, 3, 3}), integers({0})});
    CHECK(values(y) == std::vector<float>{opset < 16 ? 10.0F : 7.5F});
  }
}

TEST_CASE(
    "versions: top k, arg max and shape have further attributes from opset 11, 12 and 15 on") {
  for (const int opset : {11, 13}) {
    const Tensor least = OneLayer("TopK", {1}, {{"largest", std::int64_t{0}}}, opset)
                             .run({floats({3}, {3, 1, 2}), integers({1})}, 2)
                             .front();
    CHECK(values(least) == std::vector<float>{1});
  }
  for (const int opset : {12, 13}) {
    const OneLayer last("ArgMax", {}, {{"select_last_index", std::int64_t{1}}}, opset);
    CHECK(last.run({floats({3}, {2, 5, 5})}).values<std::int64_t>()[0] == 2);
  }
  const Tensor part =
      OneLayer("Shape", {}, {{"start", std::int64_t{1}}}, 15).run({floats({2, 3, 4})});
  REQUIRE(part.shape() == Shape{2});
  CHECK(part.values<std::int64_t>()[0] == 3);
  CHECK(part.values<std::int64_t>()[1] == 4);
}

}  // namespace offcut::ops::first_versions_test
