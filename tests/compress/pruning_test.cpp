// Pruning and clipping against their definitions, written down again element by element.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/graph/parameter_value.h"
#include "models/graph/replace.h"
#include "models/ops/batches.h"
#include "tests/compress/networks.h"

namespace offcut::compress::pruning_test {
namespace {

const std::vector<std::string> kLenetWeights = {"conv1.weight", "conv2.weight", "conv3.weight",
                                                "fc4.weight", "fc5.weight"};

std::size_t zeros_in(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0F));
}

/// The magnitude that so many elements do not exceed, by sorting.
float magnitude_at(std::vector<float> values, std::size_t pruned) {
  for (float& value : values) {
    value = std::abs(value);
  }
  std::sort(values.begin(), values.end());
  return pruned == 0 ? -1 : values[pruned - 1];
}

}  // namespace

TEST_CASE("magnitude: a rate prunes exactly that share of each layer, the least magnitudes") {
  const Graph before = lenet5();
  const Network after = applied("magnitude:rate=0.7", {.graph = before});
  for (const std::string& name : kLenetWeights) {
    CAPTURE(name);
    const std::vector<float> were = values_in(before, name);
    const std::vector<float> are = values_in(after.graph, name);
    const auto pruned = static_cast<std::size_t>(std::llround(0.7 * double(were.size())));
    CHECK(zeros_in(are) == pruned);
    const float threshold = magnitude_at(were, pruned);
    for (std::size_t i = 0; i < were.size(); ++i) {
      CHECK(are[i] == (std::abs(were[i]) <= threshold ? 0.0F : were[i]));
    }
  }
  CHECK(zeros_in(values_in(after.graph, "conv1.bias")) == 6);  // They were 0 before.
  CHECK(after.rules.size() == kLenetWeights.size());
}

TEST_CASE("magnitude: a global rate has one threshold for all layers") {
  const Graph before = lenet5();
  const Network after = applied("magnitude:rate=0.5,scope=global", {.graph = before});
  std::vector<float> all;
  for (const std::string& name : kLenetWeights) {
    const std::vector<float> own = values_in(before, name);
    all.insert(all.end(), own.begin(), own.end());
  }
  const float threshold =
      magnitude_at(all, static_cast<std::size_t>(std::llround(0.5 * double(all.size()))));
  for (const std::string& name : kLenetWeights) {
    const std::vector<float> were = values_in(before, name);
    const std::vector<float> are = values_in(after.graph, name);
    for (std::size_t i = 0; i < were.size(); ++i) {
      CHECK(are[i] == (std::abs(were[i]) <= threshold ? 0.0F : were[i]));
    }
  }
}

TEST_CASE("magnitude: thresholds, in weights or in deviations, for chosen layers") {
  const Graph before = lenet5();
  const Network after = applied("magnitude:threshold=0.05,layers=fc*", {.graph = before});
  CHECK(zeros_in(values_in(after.graph, "conv2.weight")) == 0);
  const std::vector<float> were = values_in(before, "fc4.weight");
  const std::vector<float> are = values_in(after.graph, "fc4.weight");
  double squares = 0;
  double sum = 0;
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK(are[i] == (std::abs(were[i]) <= 0.05F ? 0.0F : were[i]));
    squares += double{were[i]} * were[i];
    sum += were[i];
  }
  const auto n = static_cast<double>(were.size());
  const double deviation = std::sqrt(squares / n - sum / n * sum / n);
  const Network other = applied("magnitude:deviations=1,layers=fc4", {.graph = before});
  const std::vector<float> left = values_in(other.graph, "fc4.weight");
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK((left[i] == 0) == (std::abs(were[i]) <= deviation));
  }
  CHECK_THROWS_WITH_AS(applied("magnitude:rate=0.5,layers=fc44", {.graph = before}),
                       "magnitude: no layer with weights matches 'fc44'; did you mean 'fc4'?",
                       std::invalid_argument);
}

TEST_CASE("a gradual schedule rises by Zhu and Gupta's equation, and its last step is the rate") {
  const ChosenPass chosen = make_pass("magnitude:rate=0.9,steps=3", all_passes());
  const std::vector<Parameters> rounds = rounds_of(chosen);
  REQUIRE(rounds.size() == 3);
  CHECK(rounds[0].at("rate") == doctest::Approx(0.9 * (1 - 8.0 / 27)));
  CHECK(rounds[1].at("rate") == doctest::Approx(0.9 * (1 - 1.0 / 27)));
  CHECK(rounds[2].at("rate") == 0.9);
  CHECK(rounds_of(make_pass("magnitude:rate=0.9", all_passes())).size() == 1);
}

TEST_CASE("pruning keeps what was pruned before, also after weights have shared values") {
  const Graph before = lenet5();
  Network network = applied("magnitude:rate=0.4", {.graph = before});
  network = applied("kmeans:bits=3", network);
  network = applied("magnitude:rate=0.6", network);
  const std::vector<float> first =
      values_in(applied("magnitude:rate=0.4", {.graph = before}).graph, "fc4.weight");
  const std::vector<float> last = values_in(network.graph, "fc4.weight");
  CHECK(zeros_in(last) == static_cast<std::size_t>(std::llround(0.6 * double(last.size()))));
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK((first[i] != 0 || last[i] == 0));
  }
  const Tensor own =
      parameter_value(network.graph.tensor(*network.graph.find_tensor("fc4.weight")));
  const Tensor again = network.rules.at("fc4.weight")(own);
  CHECK(std::equal(own.bytes().begin(), own.bytes().end(), again.bytes().begin()));
}

TEST_CASE("clip: to the threshold, to 0, and at a quantile") {
  const Graph before = lenet5();
  const std::vector<float> were = values_in(before, "fc5.weight");
  const auto clipped = [&](const std::string& text) {
    return values_in(applied(text, {.graph = before}).graph, "fc5.weight");
  };
  const std::vector<float> saturated = clipped("clip:threshold=0.1");
  const std::vector<float> zeroed = clipped("clip:threshold=0.1,mode=to-zero");
  const std::vector<float> half = clipped("clip:quantile=0.5");
  std::vector<float> magnitudes;
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK(saturated[i] == std::max(-0.1F, std::min(0.1F, were[i])));
    CHECK(zeroed[i] == (std::abs(were[i]) > 0.1F ? 0.0F : were[i]));
    magnitudes.push_back(std::abs(were[i]));
  }
  std::sort(magnitudes.begin(), magnitudes.end());
  const float median = (magnitudes[419] + magnitudes[420]) / 2;  // Of 840 weights.
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK(std::abs(half[i]) == doctest::Approx(std::min(std::abs(were[i]), median)));
  }
}

TEST_CASE("information: the scores are those of finite differences of the loss") {
  // With one batch of all samples, |g w| is the first-order change of the loss if w becomes 0.
  const Graph network = lenet5();
  const dataset::Samples samples = drawn_samples(network, 6);
  const ChosenPass chosen =
      make_pass("information:rate=0.5,layers=fc5,samples=6,batch=6", all_passes());
  const Network after = apply_pass(*chosen.pass, chosen.parameters, {.graph = network},
                                   {.libraries = all_libraries(), .samples = &samples});
  const std::vector<float> weights = values_in(network, "fc5.weight");
  const std::vector<float> left = values_in(after.graph, "fc5.weight");
  const train::Loss& loss = *all_libraries().losses.find("cross-entropy");
  const auto loss_with = [&](std::size_t element, float value) {
    const Graph changed =
        with_parameters(network, [&](const TensorNode& tensor) -> std::optional<Tensor> {
          if (tensor.name != "fc5.weight") {
            return std::nullopt;
          }
          std::vector<float> values = weights;
          values[element] = value;
          return Tensor(tensor.type.shape, std::span<const float>(values));
        });
    const Graph batch = ops::in_batches(changed, 6, all_libraries().operators);
    train::Weights all(changed, all_libraries().gradients);
    train::TrainingStep step(batch, all_libraries().gradients, all, loss, {});
    return step.run({{batch.inputs().front(), samples.inputs}}, {.labels = samples.labels}, 0).loss;
  };
  double kept = 1e9;
  double pruned = 0;
  for (std::size_t i = 0; i < weights.size(); i += 60) {
    const float h = 0.02F;
    const double slope =
        (loss_with(i, weights[i] + h) - loss_with(i, weights[i] - h)) / (2 * double{h});
    const double score = std::abs(slope * weights[i]);
    (left[i] == 0 ? pruned : kept) = left[i] == 0 ? std::max(pruned, score) : std::min(kept, score);
  }
  CHECK(pruned > 0);
  CHECK(kept < 1e9);
  CHECK(pruned <= kept * 1.1);  // Central differences are of second order in h.
  CHECK(zeros_in(left) == 420);
}

}  // namespace offcut::compress::pruning_test
