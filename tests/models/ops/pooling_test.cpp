#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::pooling_test {
namespace {

using Integers = std::vector<std::int64_t>;
using AttributeList = std::vector<std::pair<std::string, AttributeValue>>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> pool_row(const char* op, const std::vector<float>& x,
                            const AttributeList& attributes) {
  const OneLayer layer(op, {}, attributes);
  return values(layer.run({floats({1, 1, static_cast<std::int64_t>(x.size())}, x)}));
}

}  // namespace

TEST_CASE("max pool: windows of two rows and two columns, plane by plane") {
  // 2x4 planes, 2x2 windows side by side.
  const OneLayer layer("MaxPool", {},
                       {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}});
  const auto y = layer.run({floats({1, 2, 2, 4}, {1, 2, 3, 4, 8, 7, 6, 5,  //
                                                  -1, -2, -3, -4, -8, -7, -6, -5})});
  CHECK(y.shape() == Shape{1, 2, 1, 2});
  CHECK(values(y) == std::vector<float>{8, 6, -1, -3});
}

TEST_CASE("max pool: padding never wins, a NaN does") {
  const AttributeList padded = {{"kernel_shape", Integers{2}}, {"pads", Integers{1, 1}}};
  CHECK(pool_row("MaxPool", {-1, -2, -3}, padded) == std::vector<float>{-1, -1, -2, -3});
  CHECK(pool_row("MaxPool", {-kInfinity}, padded) == std::vector<float>{-kInfinity, -kInfinity});
  const auto y = pool_row("MaxPool", {1, NAN, 3, 4}, {{"kernel_shape", Integers{2}}});
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 4);
}

TEST_CASE("max pool: strides, dilation and ceil_mode") {
  const std::vector<float> x = {5, 1, 2, 3, 4};
  const AttributeList pairs = {{"kernel_shape", Integers{2}}, {"strides", Integers{2}}};
  CHECK(pool_row("MaxPool", x, pairs) == std::vector<float>{5, 3});
  AttributeList ceil = pairs;
  ceil.emplace_back("ceil_mode", std::int64_t{1});
  CHECK(pool_row("MaxPool", x, ceil) == std::vector<float>{5, 3, 4});
  // Elements 0 and 2, 1 and 3, 2 and 4.
  CHECK(pool_row("MaxPool", x, {{"kernel_shape", Integers{2}}, {"dilations", Integers{2}}}) ==
        std::vector<float>{5, 3, 4});
}

TEST_CASE("max pool: with ceil_mode, no window starts in the padding at the end") {
  // Windows would start at -1 and 2, but the input ends before 2.
  CHECK(pool_row("MaxPool", {1, 2},
                 {{"kernel_shape", Integers{2}},
                  {"strides", Integers{3}},
                  {"pads", Integers{1, 1}},
                  {"ceil_mode", std::int64_t{1}}}) == std::vector<float>{1});
}

TEST_CASE("max pool: auto_pad puts the odd one at the end or the start") {
  const auto with = [](const char* auto_pad) {
    return pool_row("MaxPool", {4, 1, 2, 3},
                    {{"kernel_shape", Integers{2}}, {"auto_pad", std::string(auto_pad)}});
  };
  CHECK(with("SAME_UPPER") == std::vector<float>{4, 2, 3, 3});
  CHECK(with("SAME_LOWER") == std::vector<float>{4, 4, 2, 3});
  CHECK(with("VALID") == std::vector<float>{4, 2, 3});
  CHECK_THROWS_WITH(with("SAME"), "layer 'it' (MaxPool): attribute 'auto_pad' is 'SAME'");
}

TEST_CASE("max pool: three axes") {
  const OneLayer layer("MaxPool", {}, {{"kernel_shape", Integers{2, 1, 2}}});
  // Depth 2, height 2, width 2: each row over both depths and columns.
  const auto y = layer.run({floats({1, 1, 2, 2, 2}, {1, 8, 3, 4, 5, 6, 7, 2})});
  CHECK(y.shape() == Shape{1, 1, 1, 2, 1});
  CHECK(values(y) == std::vector<float>{8, 7});
}

TEST_CASE("average pool: padding only counts if count_include_pad is set") {
  const AttributeList padded = {{"kernel_shape", Integers{2}}, {"pads", Integers{1, 1}}};
  CHECK(pool_row("AveragePool", {2, 4, 6}, padded) == std::vector<float>{2, 3, 5, 6});
  AttributeList counted = padded;
  counted.emplace_back("count_include_pad", std::int64_t{1});
  CHECK(pool_row("AveragePool", {2, 4, 6}, counted) == std::vector<float>{1, 3, 5, 3});
}

TEST_CASE("average pool: positions that ceil_mode adds after the padding never count") {
  // Pairs from -1 on: (pad, 2), (4, 6), (8, pad). With one more element the last is (8, 10),
  // followed by (12, beyond the padding).
  for (const std::int64_t include : {0, 1}) {
    const AttributeList attributes = {{"kernel_shape", Integers{2}},
                                      {"strides", Integers{2}},
                                      {"ceil_mode", std::int64_t{1}},
                                      {"count_include_pad", include}};
    CHECK(pool_row("AveragePool", {2, 4, 12}, attributes) == std::vector<float>{3, 12});
  }
}

TEST_CASE("average pool: sums do not lose small elements") {
  // One addition after the other in float, 2^24 + 1 + 1 is 2^24.
  CHECK(pool_row("AveragePool", {16777216, 1, 1, 2}, {{"kernel_shape", Integers{4}}}) ==
        std::vector<float>{4194305});
}

TEST_CASE("global average pool: one mean per channel, all spatial axes stay with extent 1") {
  const OneLayer layer("GlobalAveragePool");
  const auto y = layer.run({floats({1, 2, 2, 2}, {1, 2, 3, 6, 0, 0, 0, 2})});
  CHECK(y.shape() == Shape{1, 2, 1, 1});
  CHECK(values(y) == std::vector<float>{3, 0.5F});
  CHECK(layer.run({floats({2, 3, 4})}).shape() == Shape{2, 3, 1});
  // (2^24 + 2) / 3 is an integer; summed in float it would be (2^24) / 3.
  CHECK(values(layer.run({floats({1, 1, 3}, {16777216, 1, 1})})) == std::vector<float>{5592406});
  CHECK_THROWS_WITH(layer.run({floats({1, 2, 0})}),
                    "layer 'it' (GlobalAveragePool): input 1x2x0 has no elements to pool");
  CHECK_THROWS_WITH(layer.run({floats({3})}),
                    "layer 'it' (GlobalAveragePool): input 3 has no channels");
  CHECK(layer.work({floats({1, 2, 2})}).kind == LayerKind::pooling);
}

namespace {

/// One axis of a pooling, computed differently from the library: a row of padded places, each of
/// which is an input position or none.
struct Axis {
  std::int64_t in, kernel, stride, dilation, begin, end;

  std::int64_t span() const { return (kernel - 1) * dilation + 1; }

  /// Returns the input positions that the window at `start` of the padded row reads, and the number
  /// of padded places.
  std::pair<Integers, int> window(std::int64_t start) const {
    std::pair<Integers, int> found{{}, 0};
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t place = start + k * dilation;
      if (place < begin + in + end) {
        ++found.second;
        if (place >= begin && place < begin + in) {
          found.first.push_back(place - begin);
        }
      }
    }
    return found;
  }

  /// Returns the starts of the windows.
  Integers starts(bool ceil_mode) const {
    Integers all;
    for (std::int64_t start = 0; start < begin + in; start += stride) {
      const bool whole = start + span() <= begin + in + end;
      const bool first_to_reach_beyond =
          ceil_mode && start - stride + span() < begin + in + end && !all.empty();
      if (whole || first_to_reach_beyond) {
        all.push_back(start);
      }
    }
    return all;
  }
};

struct Expected {
  std::vector<float> greatest, mean, mean_with_padding;
  std::vector<float> norm;  // The p-norm.
};

/// Pools slowly; returns none if a window sees no element.
std::optional<Expected> pool_slowly(const Axis& rows, const Axis& columns, bool ceil_mode,
                                    std::int64_t p, const std::vector<float>& x) {
  Expected expected;
  for (const std::int64_t r : rows.starts(ceil_mode)) {
    for (const std::int64_t c : columns.starts(ceil_mode)) {
      const auto [in_rows, row_places] = rows.window(r);
      const auto [in_columns, column_places] = columns.window(c);
      float greatest = -kInfinity;
      double sum = 0;
      double powers = 0;
      for (const std::int64_t i : in_rows) {
        for (const std::int64_t j : in_columns) {
          const float value = x[static_cast<std::size_t>(i * columns.in + j)];
          greatest = std::max(greatest, value);
          sum += value;
          powers += std::pow(std::abs(value), double(p));
        }
      }
      if (in_rows.empty() || in_columns.empty()) {
        return std::nullopt;
      }
      const auto seen = static_cast<double>(in_rows.size() * in_columns.size());
      expected.greatest.push_back(greatest);
      expected.mean.push_back(static_cast<float>(sum / seen));
      expected.norm.push_back(static_cast<float>(std::pow(powers, 1 / double(p))));
      expected.mean_with_padding.push_back(static_cast<float>(sum / (row_places * column_places)));
    }
  }
  return expected;
}

}  // namespace

TEST_CASE("pooling: any attributes agree with counting by hand") {
  std::mt19937 random(11);
  const auto draw = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % static_cast<unsigned>(most - least + 1));
  };
  int compared = 0;
  for (int round = 0; round < 1000; ++round) {
    std::array<Axis, 2> axes{};
    for (Axis& axis : axes) {
      axis = {draw(1, 9), draw(1, 4), draw(1, 4), draw(1, 3), 0, 0};
      axis.begin = draw(0, axis.span() - 1);
      axis.end = draw(0, axis.span() - 1);
    }
    const auto& [rows, columns] = axes;
    const bool ceil_mode = draw(0, 1) == 1;
    std::vector<float> x;
    for (std::int64_t i = 0; i < rows.in * columns.in; ++i) {
      x.push_back(static_cast<float>(draw(-50, 50)));
    }
    AttributeList attributes = {
        {"kernel_shape", Integers{rows.kernel, columns.kernel}},
        {"strides", Integers{rows.stride, columns.stride}},
        {"dilations", Integers{rows.dilation, columns.dilation}},
        {"pads", Integers{rows.begin, columns.begin, rows.end, columns.end}},
        {"ceil_mode", std::int64_t{ceil_mode ? 1 : 0}}};
    const Tensor input = floats({1, 1, rows.in, columns.in}, x);
    const auto run = [&](const char* op) {
      return values(OneLayer(op, {}, attributes).run({input}));
    };
    CAPTURE(round);
    const std::int64_t p = round % 4 + 1;
    const bool fits = rows.in + rows.begin + rows.end >= rows.span() &&
                      columns.in + columns.begin + columns.end >= columns.span();
    const auto expected = fits ? pool_slowly(rows, columns, ceil_mode, p, x) : std::nullopt;
    if (!expected) {
      CHECK_THROWS_AS(run("MaxPool"), std::invalid_argument);
      continue;
    }
    ++compared;
    CHECK(run("MaxPool") == expected->greatest);
    CHECK(run("AveragePool") == expected->mean);
    attributes.emplace_back("count_include_pad", std::int64_t{1});
    CHECK(run("AveragePool") == expected->mean_with_padding);
    attributes.back() = {"p", p};
    const std::vector<float> norms = run("LpPool");
    REQUIRE(norms.size() == expected->norm.size());
    for (std::size_t i = 0; i < norms.size(); ++i) {
      CHECK(norms[i] == doctest::Approx(expected->norm[i]).epsilon(1e-6));
    }
  }
  CHECK(compared > 500);
}

TEST_CASE("pooling: inputs that do not fit are refused") {
  const auto refused = [](const AttributeList& attributes, Shape shape) {
    return OneLayer("MaxPool", {}, attributes).run({floats(std::move(shape))});
  };
  CHECK_THROWS_WITH(refused({}, {1, 1, 4}),
                    "layer 'it' (MaxPool): attribute 'kernel_shape' is missing");
  CHECK_THROWS_WITH(refused({{"kernel_shape", Integers{2, 2}}}, {1, 1, 4}),
                    "layer 'it' (MaxPool): attribute 'kernel_shape' has 2 values, expected 1");
  CHECK_THROWS_WITH(refused({{"kernel_shape", Integers{0}}}, {1, 1, 4}),
                    "layer 'it' (MaxPool): attribute 'kernel_shape' is out of range");
  CHECK_THROWS_WITH(refused({{"kernel_shape", Integers{2}}, {"pads", Integers{0, 2}}}, {1, 1, 4}),
                    "layer 'it' (MaxPool): padding 0+2 is as wide as the window of 2");
  CHECK_THROWS_WITH(refused({{"kernel_shape", Integers{5}}}, {1, 1, 4}),
                    "layer 'it' (MaxPool): a window of 5 does not fit into 4 with padding 0+0");
  // The taps are at -1 and 1 of an input of one element.
  CHECK_THROWS_WITH(
      refused({{"kernel_shape", Integers{2}}, {"dilations", Integers{2}}, {"pads", Integers{1, 1}}},
              {1, 1, 1}),
      "layer 'it' (MaxPool): window 0 lies entirely in the padding: dilation 2 steps "
      "over an input of 1");
  CHECK_THROWS_WITH(
      refused({{"kernel_shape", Integers{2}}}, {1, 4}),
      "layer 'it' (MaxPool): input 1x4: expected 1, 2 or 3 spatial axes after N and C");
}

TEST_CASE("max pool: the second output holds the indices of the greatest") {
  Registry<Operator> operators;
  register_operators(operators);
  Graph graph("two outputs");
  Layer layer{.name = "it", .op_name = "MaxPool", .opset = 13};
  layer.attributes.set("kernel_shape", Integers{2});
  layer.inputs = {graph.add_input("x", {DataType::float32, {1, 2, 3}}, DataType::float32)};
  apply(graph, operators, layer, {"y", "indices"});
  const std::vector<Tensor> outputs =
      compute(graph, 0, std::vector<Tensor>{floats({1, 2, 3}, {1, 5, 5, 9, 0, 2})});
  REQUIRE(outputs.size() == 2);
  CHECK(values(outputs[0]) == std::vector<float>{5, 5, 9, 2});
  const auto places = outputs[1].values<std::int64_t>();
  CHECK(Integers(places.begin(), places.end()) == Integers{1, 1, 3, 5});
}

}  // namespace offcut::ops::pooling_test
