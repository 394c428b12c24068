#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::unary_test {
namespace {

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> run(const char* op, std::vector<float> x,
                       const std::vector<std::pair<std::string, AttributeValue>>& attributes = {}) {
  const auto count = static_cast<std::int64_t>(x.size());
  return values(OneLayer(op, {}, attributes).run({floats({count}, std::move(x))}));
}

void check_near(const std::vector<float>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(static_cast<double>(got[i]) == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("unary: functions at points where their values are known") {
  CHECK(run("Sqrt", {0, 4, 6.25F}) == std::vector<float>{0, 2, 2.5F});
  CHECK(run("Reciprocal", {4, -0.5F, 0}) == std::vector<float>{0.25F, -2, kInfinity});
  CHECK(run("Floor", {1.5F, -1.5F, 2}) == std::vector<float>{1, -2, 2});
  CHECK(run("Ceil", {1.5F, -1.5F, 2}) == std::vector<float>{2, -1, 2});
  CHECK(run("Round", {0.5F, 1.5F, -2.5F, 2.6F}) == std::vector<float>{0, 2, -2, 3});
  check_near(run("Exp", {0, 1, -1}), {1, 2.718281828, 0.367879441});
  check_near(run("Log", {1, 10}), {0, 2.302585093});
  check_near(run("Erf", {0, 0.5F, -3}), {0, 0.520499878, -0.999977910});
  check_near(run("Sin", {0, 1}), {0, 0.841470985});
  check_near(run("Cos", {0, 1}), {1, 0.540302306});
  CHECK(std::isnan(run("Sqrt", {-1})[0]));
}

TEST_CASE("unary: activations") {
  CHECK(run("HardSigmoid", {-3, 0, 1.25F, 9}) == std::vector<float>{0, 0.5F, 0.75F, 1});
  CHECK(run("HardSigmoid", {1}, {{"alpha", 0.5F}, {"beta", 0.25F}}) == std::vector<float>{0.75F});
  CHECK(run("HardSwish", {-3, 0, 3, 6}) == std::vector<float>{0, 0, 3, 6});
  CHECK(run("Softsign", {1, -3}) == std::vector<float>{0.5F, -0.75F});
  check_near(run("Softplus", {0, 1000, -1000, 1}), {0.693147181, 1000, 0, 1.313261688});
  check_near(run("Elu", {2, -1}), {2, -0.632120559});
  check_near(run("Elu", {-1}, {{"alpha", 2.0F}}), {-1.264241118});
  check_near(run("Selu", {2, -1}), {2.101402, -1.111330738});
  CHECK_THROWS_WITH_AS(run("Elu", {1}, {{"alpha", std::string("much")}}),
                       doctest::Contains("attribute 'alpha'"), std::invalid_argument);
}

TEST_CASE("unary: the sign of numbers") {
  CHECK(run("Neg", {1, -2}) == std::vector<float>{-1, 2});
  CHECK(run("Abs", {1, -2}) == std::vector<float>{1, 2});
  const auto run_op = [](const char* op, std::int64_t x) {
    return OneLayer(op).run({integers({x})}).values<std::int64_t>().front();
  };
  CHECK(run_op("Neg", 5) == -5);
  CHECK(run_op("Abs", -5) == 5);
  CHECK(run_op("Neg", kLeast) == kLeast);
  CHECK(run_op("Abs", kLeast) == kLeast);
  CHECK_THROWS_WITH(OneLayer("Sqrt").run({integers({4})}),
                    "layer 'it' (Sqrt): input 0 is int64, only float32 is supported");
}

}  // namespace offcut::ops::unary_test
