#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::activations_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> apply_to(const OneLayer& layer, const std::vector<float>& x) {
  return values(layer.run({floats({static_cast<std::int64_t>(x.size())}, x)}));
}

}  // namespace

TEST_CASE("relu: negative becomes 0") {
  CHECK(apply_to(OneLayer("Relu"), {-2, 0, 3, -kInfinity}) == std::vector<float>{0, 0, 3, 0});
  CHECK(std::isnan(apply_to(OneLayer("Relu"), {kNan}).front()));
}

TEST_CASE("activations: a NaN stays a NaN in all of them") {
  for (const char* op : {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Clip",
                         "Elu", "Celu", "Selu", "Softplus", "Softsign"}) {
    CAPTURE(op);
    const auto y = apply_to(OneLayer(op), {kNan, 1});
    CHECK(std::isnan(y[0]));
    CHECK(std::isfinite(y[1]));
  }
}

TEST_CASE("celu: x above 0, alpha (exp(x / alpha) - 1) below") {
  const auto y = apply_to(OneLayer("Celu", {}, {{"alpha", 2.0F}}), {-2, 0, 3});
  CHECK(y[0] == doctest::Approx(2 * (std::exp(-1) - 1)));
  CHECK(y[1] == 0);
  CHECK(y[2] == 3);
}

TEST_CASE("leaky relu: alpha is the slope below 0, 0.01 by default") {
  CHECK(apply_to(OneLayer("LeakyRelu", {}, {{"alpha", 0.25F}}), {-4, 0, 3}) ==
        std::vector<float>{-1, 0, 3});
  CHECK(apply_to(OneLayer("LeakyRelu"), {-100}).front() == doctest::Approx(-1));
  CHECK_THROWS_WITH(apply_to(OneLayer("LeakyRelu", {}, {{"alpha", std::int64_t{1}}}), {1}),
                    "layer 'it' (LeakyRelu): attribute 'alpha' is not a float");
}

TEST_CASE("sigmoid: 1/2 at 0, 3/4 at ln 3, and exact at the ends") {
  const auto y = apply_to(OneLayer("Sigmoid"), {0, std::log(3.0F), -200, 200, kNan});
  CHECK(y[0] == 0.5F);
  CHECK(y[1] == doctest::Approx(0.75));
  CHECK(y[2] == 0);
  CHECK(y[3] == 1);
  CHECK(std::isnan(y[4]));
}

TEST_CASE("tanh: 3/5 at ln 2, odd") {
  // tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 3/5.
  const auto y = apply_to(OneLayer("Tanh"), {0, std::log(2.0F), -std::log(2.0F), 100});
  CHECK(y[0] == 0);
  CHECK(y[1] == doctest::Approx(0.6));
  CHECK(y[2] == -y[1]);
  CHECK(y[3] == 1);
}

TEST_CASE("clip: limits are attributes up to opset 10") {
  const OneLayer relu6("Clip", {}, {{"min", 0.0F}, {"max", 6.0F}}, 6);
  CHECK(apply_to(relu6, {-1, 3, 7}) == std::vector<float>{0, 3, 6});
  const OneLayer low("Clip", {}, {{"min", 0.0F}}, 6);
  CHECK(apply_to(low, {-1, 1e30F}) == std::vector<float>{0, 1e30F});
  CHECK_THROWS_WITH(relu6.run({floats({1}), floats({})}),
                    "layer 'it' (Clip): input 1 is given, but the operator takes at most 1");
}

TEST_CASE("clip: limits are optional inputs from opset 11 on") {
  const Tensor x = floats({4}, {-1, 3, 7, kNan});
  const OneLayer layer("Clip", {1, 2}, {{"max", 0.0F}}, 11);  // The attribute has no meaning here.
  const auto both = values(layer.run({x, floats({}, {0}), floats({}, {6})}));
  CHECK(std::vector(both.begin(), both.end() - 1) == std::vector<float>{0, 3, 6});
  CHECK(std::isnan(both.back()));
  CHECK(values(layer.run({x, Tensor(), floats({}, {2})}))[0] == -1);
  CHECK(values(layer.run({x, Tensor(), floats({}, {2})}))[1] == 2);
  CHECK(values(layer.run({x, floats({}, {2})}))[2] == 7);
  CHECK(values(layer.run({x}))[2] == 7);
  // The limits need not be constants, and max wins over min.
  CHECK(values(OneLayer("Clip").run({x, floats({}, {5}), floats({}, {4})}))[0] == 4);
  CHECK_THROWS_WITH(layer.run({x, floats({2})}),
                    "layer 'it' (Clip): input 1 is float32 2, expected a scalar");
}

TEST_CASE("activations: float32 only, one input, no multiply-accumulates") {
  for (const char* op : {"Relu", "LeakyRelu", "Sigmoid", "Tanh"}) {
    CAPTURE(op);
    const OneLayer layer(op);
    CHECK_THROWS_WITH_AS(layer.run({integers({1})}),
                         doctest::Contains("input 0 is int64, only float32 is supported"),
                         std::invalid_argument);
    CHECK_THROWS_AS(layer.run({floats({1}), floats({1})}), std::invalid_argument);
    const LayerWork work = layer.work({floats({2, 3})});
    CHECK(work.macs == 0);
    CHECK(work.activation_bytes == 2 * 6 * 4);
    CHECK(work.kind == LayerKind::elementwise);
  }
}

}  // namespace offcut::ops::activations_test
