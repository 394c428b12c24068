#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "tests/train/registries.h"
#include "tests/train/sample.h"

namespace offcut::train::losses_test {
namespace {

/// Targets for a prediction, of all kinds.
Target target_for(Draw& draw, const Shape& shape, const std::string& loss) {
  Target target;
  const bool binary = loss == "binary-cross-entropy";
  Shape labels = shape;
  if (!binary) {
    labels.erase(labels.begin() + 1);
  }
  target.labels = Tensor(TensorType{DataType::int64, labels});
  for (std::int64_t& label : target.labels.values<std::int64_t>()) {
    label = draw.between(0, binary ? 1 : shape[1] - 1);
  }
  target.values = draw.tensor(shape, 0, 1);
  target.teacher = draw.tensor(shape);
  return target;
}

double loss_of(const Loss& loss, const Tensor& prediction, const Target& target) {
  return loss.evaluate(defaults(loss.parameters), prediction, target).loss;
}

Tensor with_element(const Tensor& tensor, std::size_t element, double value) {
  Tensor copy(tensor.type());
  std::copy(tensor.values<double>().begin(), tensor.values<double>().end(),
            copy.values<double>().begin());
  copy.values<double>()[element] = value;
  return copy;
}

Tensor doubles(Shape shape, std::vector<double> values) {
  return Tensor(std::move(shape), std::span<const double>(values));
}

Tensor labels(std::vector<std::int64_t> values) { return integer_list(values); }

}  // namespace

TEST_CASE("the slope of every loss equals central differences in float64") {
  for (const auto& [name, loss] : all_losses()) {
    CAPTURE(name);
    Draw draw(3);
    for (int i = 0; i < 100; ++i) {
      Shape shape = draw.shape(2, 3);
      const Tensor prediction = draw.tensor(shape);
      const Target target = target_for(draw, shape, name);
      const LossValue value = loss.evaluate(defaults(loss.parameters), prediction, target);
      for (std::size_t k = 0; k < prediction.values<double>().size(); ++k) {
        const double x = prediction.values<double>()[k];
        const double h = 1e-4;
        const double expected = (loss_of(loss, with_element(prediction, k, x + h), target) -
                                 loss_of(loss, with_element(prediction, k, x - h), target)) /
                                (2 * h);
        REQUIRE(value.slope.values<double>()[k] ==
                doctest::Approx(expected).epsilon(1e-6).scale(1));
      }
    }
  }
}

TEST_CASE("losses have the values of their formulas") {
  const Registry<Loss>& losses = all_losses();
  // -log(e^2 / (e^2 + e^0)) = log(1 + e^-2); the second sample -log(e^0 / (e^2 + e^0)).
  const Tensor logits = doubles({2, 2}, {2, 0, 2, 0});
  const double right = std::log1p(std::exp(-2.0));
  CHECK(loss_of(*losses.find("cross-entropy"), logits, {.labels = labels({0, 1})}) ==
        doctest::Approx((right + right + 2) / 2));
  // Large logits do not overflow.
  CHECK(loss_of(*losses.find("cross-entropy"), doubles({1, 2}, {1e4, 0}),
                {.labels = labels({1})}) == doctest::Approx(1e4));
  CHECK(loss_of(*losses.find("binary-cross-entropy"), doubles({2}, {0, 1e4}),
                {.labels = labels({1, 0})}) == doctest::Approx((std::log(2.0) + 1e4) / 2));
  CHECK(loss_of(*losses.find("mse"), doubles({2}, {1, 5}), {.values = doubles({2}, {2, 2})}) ==
        doctest::Approx((1 + 9) / 2.0));
  // A student that equals its teacher has no divergence: half of the cross entropy is left.
  CHECK(loss_of(*losses.find("distillation"), logits,
                {.labels = labels({0, 0}), .teacher = logits}) == doctest::Approx(right / 2));
}

TEST_CASE("losses refuse targets that do not fit") {
  const Loss& loss = *all_losses().find("cross-entropy");
  const Tensor logits = doubles({2, 3}, {0, 0, 0, 0, 0, 0});
  CHECK_THROWS_WITH_AS(loss_of(loss, logits, {.labels = labels({0, 3})}),
                       "the label of sample 1 is 3, expected 0 to 2", std::invalid_argument);
  CHECK_THROWS_WITH_AS(loss_of(loss, logits, {.labels = labels({0})}),
                       "there are 1 labels for 2 predictions", std::invalid_argument);
  CHECK_THROWS_AS(loss_of(loss, logits, {}), std::invalid_argument);
  CHECK_THROWS_AS(loss_of(*all_losses().find("mse"), logits, {.labels = labels({0, 1})}),
                  std::invalid_argument);
  CHECK_THROWS_AS(loss_of(*all_losses().find("distillation"), logits, {.labels = labels({0, 1})}),
                  std::invalid_argument);
  CHECK_THROWS_AS(loss_of(*all_losses().find("binary-cross-entropy"), doubles({1}, {0}),
                          {.labels = labels({2})}),
                  std::invalid_argument);
}

TEST_CASE("right answers are counted") {
  CHECK(count_correct(doubles({3, 2}, {1, 0, 0, 1, 2, 2}), labels({0, 0, 0})) == 2);
}

}  // namespace offcut::train::losses_test
