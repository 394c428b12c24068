#include <doctest/doctest.h>

#include <cmath>

#include "tests/train/registries.h"

namespace offcut::train::optimizers_test {
namespace {

Tensor floats(std::vector<float> values) {
  return Tensor({static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
}

/// Returns the value of one weight after steps with a constant gradient.
double after(const std::string& name, double start, double gradient, double rate, int steps,
             const std::vector<std::pair<std::string, double>>& settings = {}) {
  const OptimizerKind& kind = *all_optimizers().find(name);
  Parameters parameters = defaults(kind.parameters);
  for (const auto& [key, value] : settings) {
    parameters.set(key, value);
  }
  Optimizer optimizer(kind, parameters);
  Tensor weight = floats({static_cast<float>(start)});
  Tensor* const pointer = &weight;
  const Tensor slope = floats({static_cast<float>(gradient)});
  for (int i = 0; i < steps; ++i) {
    optimizer.step(std::span(&pointer, 1), std::span(&slope, 1), rate);
  }
  return weight.values<float>()[0];
}

}  // namespace

TEST_CASE("optimisers follow their closed forms for a constant gradient") {
  CHECK(after("sgd", 1, 2, 0.1, 3) == doctest::Approx(1 - 3 * 0.1 * 2));
  // Only the penalty: w (1 - rate decay)^n.
  CHECK(after("sgd", 1, 0, 0.1, 3, {{"decay", 0.5}}) == doctest::Approx(std::pow(0.95, 3)));
  // v_n = g (1 - m^n) / (1 - m), so the steps add up to g (n - m (1 - m^n) / (1 - m)) / (1 - m).
  const double m = 0.9;
  const int n = 5;
  const double sum = (n - m * (1 - std::pow(m, n)) / (1 - m)) / (1 - m);
  CHECK(after("momentum", 1, 2, 0.1, n) == doctest::Approx(1 - 0.1 * 2 * sum));
  // Each of Nesterov's steps is g + m v.
  CHECK(after("nesterov", 1, 2, 0.1, n) == doctest::Approx(1 - 0.1 * 2 * (n + m * sum)));
  // The corrected means of a constant are the constant: each step is rate * sign(g).
  CHECK(after("adam", 1, 2, 0.1, n) == doctest::Approx(1 - n * 0.1));
  CHECK(after("adam", 1, -2e-3, 0.1, n) == doctest::Approx(1 + n * 0.1).epsilon(1e-4));
  CHECK(after("adamw", 1, 0, 0.1, n, {{"decay", 0.5}}) == doctest::Approx(std::pow(0.95, n)));
}

TEST_CASE("an absent gradient leaves weight and state") {
  const OptimizerKind& kind = *all_optimizers().find("momentum");
  Optimizer optimizer(kind, defaults(kind.parameters));
  Tensor weight = floats({1});
  Tensor* const pointer = &weight;
  const Tensor none;
  optimizer.step(std::span(&pointer, 1), std::span(&none, 1), 0.1);
  CHECK(weight.values<float>()[0] == 1);
  CHECK(optimizer.state().moments[0].empty());
}

TEST_CASE("a restored optimiser goes on with the same bits") {
  for (const auto& [name, kind] : all_optimizers()) {
    CAPTURE(name);
    Optimizer whole(kind, defaults(kind.parameters));
    Optimizer first(kind, defaults(kind.parameters));
    Tensor a = floats({1, -2});
    Tensor b = floats({1, -2});
    Tensor* const at_a = &a;
    Tensor* const at_b = &b;
    const auto step = [](Optimizer& optimizer, Tensor* const& weight, float x) {
      const Tensor gradient = floats({x, 1 - x});
      optimizer.step(std::span(&weight, 1), std::span(&gradient, 1), 0.1);
    };
    step(whole, at_a, 0.3F);
    step(first, at_b, 0.3F);
    Optimizer second(kind, defaults(kind.parameters));
    second.restore(first.state());
    step(whole, at_a, 0.7F);
    step(second, at_b, 0.7F);
    CHECK(a.values<float>()[0] == b.values<float>()[0]);
    CHECK(a.values<float>()[1] == b.values<float>()[1]);
  }
}

TEST_CASE("clipping scales all gradients together") {
  std::vector<Tensor> gradients = {floats({3}), Tensor(), floats({0, 4})};
  CHECK(clip_norm(gradients, 10) == doctest::Approx(5));
  CHECK(gradients[0].values<float>()[0] == 3);
  CHECK(clip_norm(gradients, 1) == doctest::Approx(5));
  CHECK(gradients[0].values<float>()[0] == doctest::Approx(0.6));
  CHECK(gradients[2].values<float>()[1] == doctest::Approx(0.8));
}

TEST_CASE("schedules follow their formulas") {
  const auto factor = [](const std::string& name, Progress progress,
                         const std::vector<std::pair<std::string, double>>& settings) {
    const ScheduleKind& kind = *all_schedules().find(name);
    Parameters parameters = defaults(kind.parameters);
    for (const auto& [key, value] : settings) {
      parameters.set(key, value);
    }
    return kind.factor(parameters, progress);
  };
  CHECK(factor("constant", {7, 10, 2}, {}) == 1);
  CHECK(factor("step", {5, 100, 2}, {{"epochs", 2}, {"factor", 0.5}}) == 0.5);  // Epoch 2.
  CHECK(factor("step", {3, 100, 2}, {{"epochs", 2}, {"factor", 0.5}}) == 1);
  CHECK(factor("cosine", {0, 10, 2}, {}) == 1);
  CHECK(factor("cosine", {5, 10, 2}, {}) == doctest::Approx(0.5));
  CHECK(factor("cosine", {10, 10, 2}, {{"least", 0.1}}) == doctest::Approx(0.1));
  CHECK(factor("warm-up", {0, 10, 2}, {{"steps", 4}}) == 0.25);
  CHECK(factor("warm-up", {9, 10, 2}, {{"steps", 4}}) == 1);
}

}  // namespace offcut::train::optimizers_test
