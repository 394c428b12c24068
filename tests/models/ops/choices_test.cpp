#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::choices_test {

TEST_CASE("arg max: the index of the greatest element") {
  const Tensor x = floats({2, 3}, {1, 5, 5, 7, 2, 0});
  const auto places = [&](const std::vector<std::pair<std::string, AttributeValue>>& attributes) {
    const Tensor y = OneLayer("ArgMax", {}, attributes).run({x});
    return std::vector<std::int64_t>(y.values<std::int64_t>().begin(),
                                     y.values<std::int64_t>().end());
  };
  const std::pair<std::string, AttributeValue> columns = {"axis", std::int64_t{1}};
  CHECK(places({}) == std::vector<std::int64_t>{1, 0, 0});
  CHECK(places({columns}) == std::vector<std::int64_t>{1, 0});
  CHECK(places({columns, {"select_last_index", std::int64_t{1}}}) ==
        std::vector<std::int64_t>{2, 0});
  CHECK(OneLayer("ArgMax", {}, {columns, {"keepdims", std::int64_t{0}}}).run({x}).shape() ==
        Shape{2});
  CHECK_THROWS_WITH(OneLayer("ArgMax").run({floats({0})}),
                    "layer 'it' (ArgMax): input 0 has no elements to choose from");
}

TEST_CASE("arg max, arg min and hardmax: a NaN is chosen, as in numpy") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = floats({1, 5}, {2, nan, 9, nan, -1});
  const auto place = [&](const std::string& op, std::int64_t last) {
    const Tensor y =
        OneLayer(op, {}, {{"axis", std::int64_t{1}}, {"select_last_index", last}}).run({x});
    return y.values<std::int64_t>()[0];
  };
  for (const char* op : {"ArgMax", "ArgMin"}) {
    CHECK(place(op, 0) == 1);
    CHECK(place(op, 1) == 3);
  }
  CHECK(values(OneLayer("Hardmax").run({x})) == std::vector<float>{0, 1, 0, 0, 0});
}

TEST_CASE("global max pool: the greatest element of each channel") {
  const OneLayer pool("GlobalMaxPool");
  const Tensor y = pool.run({floats({1, 2, 1, 3}, {1, 3, 2, -4, -6, -5})});
  CHECK(y.shape() == Shape{1, 2, 1, 1});
  CHECK(values(y) == std::vector<float>{3, -4});
}

TEST_CASE("instance normalization: each channel of each image by itself") {
  const OneLayer layer("InstanceNormalization", {}, {{"epsilon", 0.0F}});
  const Tensor x = floats({1, 2, 2}, {1, 3, 10, 30});
  CHECK(values(layer.run({x, floats({2}, {1, 2}), floats({2}, {0, 5})})) ==
        std::vector<float>{-1, 1, 3, 7});
  CHECK_THROWS_WITH(layer.run({x, floats({1}), floats({2})}),
                    "layer 'it' (InstanceNormalization): scale of 1 does not fit input 1x2x2");
}

TEST_CASE("log softmax: the logarithm of softmax, without overflow") {
  const auto y = values(OneLayer("LogSoftmax").run({floats({1, 2}, {1000, 1000})}));
  CHECK(y[0] == doctest::Approx(-0.693147181));
  CHECK(y[1] == y[0]);
}

}  // namespace offcut::ops::choices_test
