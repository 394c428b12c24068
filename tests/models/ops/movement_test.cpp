#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::movement_test {
namespace {

using Numbers = std::vector<std::int64_t>;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

template <class T>
std::vector<T> elements_of(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

Tensor counting(Shape shape) {
  Tensor tensor = floats(std::move(shape));
  float next = 0;
  for (float& x : tensor.values<float>()) {
    x = next++;
  }
  return tensor;
}

Tensor slice(const Tensor& x, const Numbers& starts, const Numbers& ends, const Numbers& axes,
             const Numbers& steps) {
  return OneLayer("Slice", {1, 2, 3, 4})
      .run({x, integers(starts), integers(ends), integers(axes), integers(steps)});
}

}  // namespace

TEST_CASE("gather: rows, columns and single elements") {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor rows = OneLayer("Gather").run({x, integers({1, 0, -1})});
  CHECK(rows.shape() == Shape{3, 3});
  CHECK(values(rows) == std::vector<float>{4, 5, 6, 1, 2, 3, 4, 5, 6});
  const OneLayer columns("Gather", {}, {{"axis", std::int64_t{-1}}});
  CHECK(values(columns.run({x, integers({2, 0})})) == std::vector<float>{3, 1, 6, 4});
  const Tensor last = integers({-1}).reshaped({});
  const Tensor one = OneLayer("Gather").run({integers({7, 8, 9}), last});
  CHECK(one.shape().empty());
  CHECK(elements_of<std::int64_t>(one) == Numbers{9});
  CHECK_THROWS_WITH(columns.run({x, integers({3})}),
                    "layer 'it' (Gather): index 3 is out of range for 3 elements");
  CHECK_THROWS_WITH(OneLayer("Gather").run({x, x}),
                    "layer 'it' (Gather): indices are float32, expected int64 or int32");
}

TEST_CASE("gather elements: an index per place") {
  const Tensor x = floats({2, 2}, {1, 2, 3, 4});
  const Tensor indices = integers({0, 0, 1, 0}).reshaped({2, 2});
  CHECK(values(OneLayer("GatherElements").run({x, indices})) == std::vector<float>{1, 2, 3, 2});
  CHECK(values(OneLayer("GatherElements", {}, {{"axis", std::int64_t{1}}}).run({x, indices})) ==
        std::vector<float>{1, 1, 4, 3});
  CHECK_THROWS_WITH(OneLayer("GatherElements").run({x, integers({0})}),
                    "layer 'it' (GatherElements): indices 1 do not fit input 2x2");
}

TEST_CASE("unsqueeze and squeeze: axes of extent 1 come and go") {
  const Tensor x = floats({2, 3});
  const OneLayer unsqueeze("Unsqueeze", {1});
  CHECK(unsqueeze.run({x, integers({0, -1})}).shape() == Shape{1, 2, 3, 1});
  CHECK(OneLayer("Unsqueeze", {}, {{"axes", Numbers{1}}}, 11).run({x}).shape() == Shape{2, 1, 3});
  CHECK_THROWS_WITH(unsqueeze.run({x, integers({0, -4})}),
                    "layer 'it' (Unsqueeze): axis 0 is named twice");
  CHECK_THROWS_WITH(unsqueeze.run({x, integers({3})}),
                    "layer 'it' (Unsqueeze): axis 3 is out of range for 3 axes");
  CHECK_THROWS_WITH(OneLayer("Unsqueeze").run({x, integers({0})}),
                    "layer 'it' (Unsqueeze): input 1 must be a constant: shapes depend on it. If "
                    "it is an input of "
                    "the network, or follows from one, fix that with --fix NAME=VALUE");
  const Tensor thin = floats({1, 2, 1, 3});
  CHECK(OneLayer("Squeeze").run({thin}).shape() == Shape{2, 3});
  CHECK(OneLayer("Squeeze", {1}).run({thin, integers({-2})}).shape() == Shape{1, 2, 3});
  CHECK(OneLayer("Squeeze", {}, {{"axes", Numbers{0}}}, 7).run({thin}).shape() == Shape{2, 1, 3});
  CHECK_THROWS_WITH(OneLayer("Squeeze", {1}).run({thin, integers({1})}),
                    "layer 'it' (Squeeze): axis 1 of 1x2x1x3 is not of extent 1");
}

TEST_CASE("slice: numpy's ranges") {
  const Tensor x = counting({3, 4});
  CHECK(values(slice(x, {1, 0}, {3, 3}, {0, 1}, {1, 2})) == std::vector<float>{4, 6, 8, 10});
  CHECK(values(slice(x, {-1}, {kLeast}, {1}, {-2})) == std::vector<float>{3, 1, 7, 5, 11, 9});
  CHECK(values(slice(x, {-100}, {kMost}, {-2}, {2})) ==
        std::vector<float>{0, 1, 2, 3, 8, 9, 10, 11});
  CHECK(values(slice(x, {2}, {-100}, {0}, {kLeast})) == std::vector<float>{8, 9, 10, 11});
  CHECK(slice(x, {2}, {1}, {0}, {1}).shape() == Shape{0, 4});
  CHECK(slice(floats({0}), {0}, {-1}, {0}, {-1}).shape() == Shape{0});
  const OneLayer old("Slice", {}, {{"starts", Numbers{1}}, {"ends", Numbers{2}}}, 9);
  CHECK(values(old.run({x})) == std::vector<float>{4, 5, 6, 7});
  CHECK_THROWS_WITH(slice(x, {0}, {1}, {0}, {0}), "layer 'it' (Slice): a step is 0");
  CHECK_THROWS_WITH(slice(x, {0}, {1, 2}, {0}, {1}),
                    "layer 'it' (Slice): 1 starts, 2 ends, 1 axes and 1 steps");
  CHECK_THROWS_WITH(slice(x, {0, 0}, {1, 2}, {0, 0}, {1, 1}),
                    "layer 'it' (Slice): axis 0 is named twice");
}

TEST_CASE("split: equal parts and given ones") {
  const Tensor x = counting({2, 3});
  const Tensor first = OneLayer("Split", {1}, {{"axis", std::int64_t{1}}}).run({x, integers({3})});
  CHECK(values(first) == values(x));
  Attributes attributes;
  attributes.set("axis", std::int64_t{-1});
  Registry<Operator> operators;
  register_operators(operators);
  const std::vector<TensorType> types = {x.type()};
  const std::vector<const Parameter*> known = {nullptr};
  const auto parts = operators.find("Split")->forward({attributes, 11, types, known, 3}, {{x}});
  REQUIRE(parts.size() == 3);
  CHECK(parts[2].shape() == Shape{2, 1});
  CHECK(values(parts[2]) == std::vector<float>{2, 5});
  attributes.set("split", Numbers{1, 2});
  const auto uneven = operators.find("Split")->forward({attributes, 11, types, known, 2}, {{x}});
  CHECK(values(uneven.at(0)) == std::vector<float>{0, 3});
  CHECK(values(uneven.at(1)) == std::vector<float>{1, 2, 4, 5});
  CHECK_THROWS_WITH(OneLayer("Split", {1}).run({x, integers({1, 2})}),
                    "layer 'it' (Split): the parts do not add up to 2");
  CHECK_THROWS_WITH(OneLayer("Split", {1}).run({x, integers({kMost, kMost})}),
                    "layer 'it' (Split): the parts do not add up to 2");
}

TEST_CASE("cast: numbers become others, within the limits of the type") {
  const auto cast = [](const Tensor& x, std::int64_t to) {
    return OneLayer("Cast", {}, {{"to", to}}).run({x});
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor x = floats({6}, {-1.75F, 2.5F, 1e30F, -kInfinity, 0, 300});
  CHECK(elements_of<std::int64_t>(cast(x, 7)) == Numbers{-1, 2, kMost, kLeast, 0, 300});
  CHECK(elements_of<std::uint8_t>(cast(x, 2)) == std::vector<std::uint8_t>{0, 2, 255, 0, 0, 255});
  CHECK(elements_of<bool>(cast(x, 9)) == std::vector<bool>{true, true, true, true, false, true});
  CHECK(elements_of<std::int32_t>(cast(floats({1}, {kInfinity - kInfinity}), 6)) ==
        std::vector<std::int32_t>{0});
  CHECK(values(cast(integers({-3, 5}), 1)) == std::vector<float>{-3, 5});
  CHECK_THROWS_WITH(cast(x, 17), "layer 'it' (Cast): elements of type 17 are not supported");
  CHECK_THROWS_WITH(OneLayer("Cast").run({x}), "layer 'it' (Cast): attribute 'to' is missing");
}

TEST_CASE("constant of shape, expand and tile: more elements from fewer") {
  const OneLayer fill("ConstantOfShape", {0}, {{"value", integers({7})}});
  CHECK(elements_of<std::int64_t>(fill.run({integers({2, 1})})) == Numbers{7, 7});
  CHECK(values(OneLayer("ConstantOfShape", {0}).run({integers({2})})) == std::vector<float>{0, 0});
  CHECK_THROWS_WITH(fill.run({integers({-1})}),
                    "layer 'it' (ConstantOfShape): a tensor of shape -1 has no valid size");
  CHECK_THROWS_AS(fill.run({integers({kMost, kMost})}), std::invalid_argument);

  const OneLayer expand("Expand", {1});
  const Tensor column = floats({2, 1}, {1, 2});
  CHECK(values(expand.run({column, integers({2, 3})})) == std::vector<float>{1, 1, 1, 2, 2, 2});
  CHECK(expand.run({column, integers({3, 1, 1})}).shape() == Shape{3, 2, 1});
  CHECK_THROWS_WITH(expand.run({column, integers({3, 1})}),
                    "layer 'it' (Expand): shapes 2x1 and 3x1 cannot be broadcast");

  const OneLayer tile("Tile", {1});
  CHECK(values(tile.run({floats({1, 2}, {1, 2}), integers({2, 2})})) ==
        std::vector<float>{1, 2, 1, 2, 1, 2, 1, 2});
  CHECK(tile.run({column, integers({0, 2})}).shape() == Shape{0, 2});
  CHECK_THROWS_WITH(tile.run({column, integers({2})}),
                    "layer 'it' (Tile): repeats 1 do not fit input 2x1");
  CHECK_THROWS_AS(tile.run({column, integers({kMost, 1})}), std::invalid_argument);
}

TEST_CASE("depth to space and space to depth: blocks of pixels and channels") {
  const OneLayer depth("DepthToSpace", {}, {{"blocksize", std::int64_t{2}}});
  const Tensor y = depth.run({counting({1, 8, 1, 1})});
  CHECK(y.shape() == Shape{1, 2, 2, 2});
  CHECK(values(y) == std::vector<float>{0, 2, 4, 6, 1, 3, 5, 7});
  const OneLayer other("DepthToSpace", {},
                       {{"blocksize", std::int64_t{2}}, {"mode", std::string("CRD")}});
  CHECK(values(other.run({counting({1, 8, 1, 1})})) == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
  const OneLayer space("SpaceToDepth", {}, {{"blocksize", std::int64_t{2}}});
  const Tensor x = counting({2, 3, 4, 6});
  CHECK(space.run({x}).shape() == Shape{2, 12, 2, 3});
  CHECK(values(depth.run({space.run({x})})) == values(x));
  CHECK(values(space.run({counting({1, 1, 2, 4})})) == std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7});
  CHECK_THROWS_WITH(depth.run({x}),
                    "layer 'it' (DepthToSpace): input 2x3x4x6 does not divide into blocks of 2");
  CHECK_THROWS_WITH(OneLayer("SpaceToDepth").run({x}),
                    "layer 'it' (SpaceToDepth): attribute 'blocksize' is missing");
}

}  // namespace offcut::ops::movement_test
