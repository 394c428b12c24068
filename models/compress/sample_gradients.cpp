// Gradients of the loss on training samples, batch by batch, through training steps that change
// nothing.
#include "models/compress/sample_gradients.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>

#include "models/ops/batches.h"

namespace offcut::compress {
namespace {

/// Returns a pattern that only this name matches.
std::string literal(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    pattern += std::string("*?[\\").find(c) == std::string::npos ? "" : "\\";
    pattern += c;
  }
  return pattern;
}

/// Returns the numbers of samples that are drawn without replacement.
std::vector<std::int64_t> drawn(std::int64_t count, std::int64_t all, std::uint64_t seed) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(all));
  std::iota(numbers.begin(), numbers.end(), 0);
  RandomStream stream = random_stream(seed, "sample gradients");
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    boost::random::uniform_int_distribution<std::size_t> rest(i, numbers.size() - 1);
    std::swap(numbers[i], numbers[rest(stream)]);
  }
  numbers.resize(static_cast<std::size_t>(count));
  return numbers;
}

}  // namespace

std::int64_t for_each_gradient(
    const Graph& network, const std::vector<std::string>& parameters,
    const GradientOptions& options, const Material& material,
    const std::function<void(const train::Weights&, std::span<const Tensor>)>& visit) {
  const dataset::Samples& samples = *material.samples;
  const std::int64_t batch = std::min(options.batch, samples.count());
  const std::int64_t batches =
      std::max<std::int64_t>(std::min(options.samples, samples.count()) / batch, 1);
  train::WeightChoice choice;
  for (const std::string& name : parameters) {
    choice.only.push_back(literal(name));
  }
  const Graph graph = ops::in_batches(network, batch, material.libraries.operators);
  train::Weights weights(network, material.libraries.gradients, choice);
  const bool has_classes = !samples.labels.absent();
  const train::Loss& loss = *material.libraries.losses.find(has_classes ? "cross-entropy" : "mse");
  train::TrainingStep step(graph, material.libraries.gradients, weights, loss,
                           defaults(loss.parameters), {.seed = material.seed});
  const std::vector<std::int64_t> numbers = drawn(batches * batch, samples.count(), material.seed);
  for (std::int64_t i = 0; i < batches; ++i) {
    const dataset::Samples chosen = samples.chosen(std::span(numbers).subspan(
        static_cast<std::size_t>(i * batch), static_cast<std::size_t>(batch)));
    const train::StepResult result = step.run({{graph.inputs().front(), chosen.inputs}},
                                              {.labels = chosen.labels, .values = chosen.targets},
                                              static_cast<std::uint64_t>(i));
    visit(weights, result.gradients);
  }
  return batches;
}

std::vector<ParameterSpec> gradient_parameters() {
  return {{.name = "samples",
           .is_whole = true,
           .fallback = 1024,
           .least = 1,
           .most = 1e9,
           .doc = "training samples that gradients are taken of"},
          {.name = "batch",
           .is_whole = true,
           .fallback = 8,
           .least = 1,
           .most = 1e6,
           .doc = "samples of one gradient"}};
}

GradientOptions gradient_options(const Parameters& parameters) {
  return {.samples = static_cast<std::int64_t>(parameters.at("samples")),
          .batch = static_cast<std::int64_t>(parameters.at("batch"))};
}

}  // namespace offcut::compress
