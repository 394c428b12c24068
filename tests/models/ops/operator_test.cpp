#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::operator_test {

TEST_CASE("compute: inputs must have the types that the graph says") {
  Registry<Operator> operators;
  register_operators(operators);
  Graph graph("sum");
  const TensorId a = graph.add_input("a", {DataType::float32, {2}}, DataType::float32);
  const TensorId b = graph.add_input("b", {DataType::float32, {2}}, DataType::float32);
  const LayerId sum = apply(
      graph, operators, {.name = "sum", .op_name = "Add", .opset = 13, .inputs = {a, b}}, {"y"});
  const Tensor two = floats({2}, {1, 2});
  CHECK(values(compute(graph, sum, std::vector{two, two}).front()) == std::vector<float>{2, 4});
  CHECK_THROWS_WITH(compute(graph, sum, std::vector{two, floats({3})}),
                    "layer 'sum' (Add): input 1 is float32 3, expected float32 2");
  CHECK_THROWS_WITH(compute(graph, sum, std::vector{two}),
                    "layer 'sum' (Add): input 1 is missing, expected float32 2");
}

TEST_CASE("apply: the error about an unknown operator has the nearest name") {
  CHECK_THROWS_WITH_AS(OneLayer("Relo").run({floats({1})}), doctest::Contains("Relu"),
                       std::invalid_argument);
}

}  // namespace offcut::ops::operator_test
