#include "models/graph/random_input.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/zoo/builder.h"

namespace offcut::random_input_test {
namespace {

struct Net {
  Registry<ops::Operator> operators;
  Graph graph{"test"};
  zoo::NetworkBuilder build{graph, operators, 1};

  Net() { ops::register_operators(operators); }
};

}  // namespace

TEST_CASE("random input: ids are rows of the smallest table that they index") {
  Net net;
  const TensorId ids = net.build.tokens("ids", 1000);
  net.build.embedding("large", ids, 50, 4);
  net.build.embedding("small", net.build.reshape("flat", ids, {1000}), 7, 4);
  CHECK(rows_read_by(net.graph, ids) == 7);
  const Tensor drawn = random_input(net.graph, ids, random_stream(1, "test"));
  const auto values = drawn.values<std::int64_t>();
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  CHECK(*least == 0);
  CHECK(*most == 6);
}

TEST_CASE("random input: integers that index no table are 1") {
  Net net;
  const TensorId mask = net.build.tokens("mask", 8);
  Attributes attributes;
  attributes.set("to", std::int64_t{1});
  net.build.layer("Cast", "cast", {mask}, attributes);
  CHECK(rows_read_by(net.graph, mask) == 0);
  const Tensor drawn = random_input(net.graph, mask, random_stream(1, "test"));
  for (const std::int64_t value : drawn.values<std::int64_t>()) {
    CHECK(value == 1);
  }
}

TEST_CASE("random input: an indexed input is not bounded by its own number of rows") {
  Net net;
  const TensorId table = net.build.tokens("table", 8);
  net.build.layer("Gather", "picked", {table, net.build.integers("index", {}, {0})});
  CHECK(rows_read_by(net.graph, table) == 0);
}

TEST_CASE("random input: images are from 0 to 1, and the same stream gives the same image") {
  Net net;
  const TensorId image = net.build.image(3, 8, 8);
  const Tensor x = random_input(net.graph, image, random_stream(1, "test"));
  const Tensor y = random_input(net.graph, image, random_stream(1, "test"));
  CHECK(std::equal(x.values<float>().begin(), x.values<float>().end(), y.values<float>().begin()));
  for (const float value : x.values<float>()) {
    CHECK(value >= 0);
    CHECK(value <= 1);
  }
}

TEST_CASE("random input: the error for another type names it") {
  Graph graph("test");
  const TensorId flag = graph.add_input("flag", {DataType::boolean, {1}}, DataType::boolean);
  CHECK_THROWS_WITH_AS(
      random_input(graph, flag, random_stream(1, "test")),
      "input 'flag' is bool 1; only inputs of floats, uint8, int64 and int32 can be drawn",
      std::invalid_argument);
}

}  // namespace offcut::random_input_test
