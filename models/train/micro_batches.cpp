// Cuts a batch into micro-batches, runs each through all parts, and averages their gradients with
// the weights of their sizes, in the order of the micro-batches.

#include "models/train/micro_batches.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/batches.h"
#include "models/parallel/part.h"

namespace offcut::train {
namespace {

Tensor rows(const Tensor& tensor, std::int64_t first, std::int64_t count) {
  return tensor.absent() ? Tensor() : parallel::part_of(tensor, 0, first, first + count);
}

Target rows(const Target& target, std::int64_t first, std::int64_t count) {
  return {.labels = rows(target.labels, first, count),
          .values = rows(target.values, first, count),
          .teacher = rows(target.teacher, first, count)};
}

void add_weighted(const Tensor& from, double weight, Tensor& sum) {
  if (from.absent()) {
    return;
  }
  if (sum.absent()) {
    sum = Tensor(from.type());
  }
  const auto values = from.values<float>();
  const auto to = sum.values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    to[i] += static_cast<float>(weight * static_cast<double>(values[i]));
  }
}

}  // namespace

std::vector<std::int64_t> micro_batch_sizes(std::int64_t batch, std::int64_t parts) {
  if (parts < 1 || parts > batch) {
    throw std::invalid_argument(
        fmt::format("{} micro-batches of a batch of {}, expected 1 to {}", parts, batch, batch));
  }
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts), batch / parts);
  for (std::int64_t i = 0; i < batch % parts; ++i) {
    ++sizes[static_cast<std::size_t>(i)];
  }
  return sizes;
}

MicroBatches::MicroBatches(const Graph& network, const Registry<ops::Operator>& operators,
                           const Registry<Gradient>& gradients, Weights& weights, const Loss& loss,
                           Parameters loss_parameters, std::vector<std::size_t> part_of,
                           StepOptions options)
    : network_(network),
      operators_(operators),
      gradients_(gradients),
      weights_(weights),
      loss_(loss),
      loss_parameters_(std::move(loss_parameters)),
      part_of_(std::move(part_of)),
      options_(std::move(options)) {
  of(1);  // Refuses what does not fit.
}

MicroBatches::Sized::Sized(const MicroBatches& all, std::int64_t size)
    : graph(ops::in_batches(all.network_, size, all.operators_)),
      step(graph, all.gradients_, all.weights_, all.loss_, all.loss_parameters_, all.part_of_,
           all.options_) {}

MicroBatches::Sized& MicroBatches::of(std::int64_t size) {
  auto& sized = sized_[size];
  if (sized == nullptr) {
    sized = std::make_unique<Sized>(*this, size);
  }
  return *sized;
}

StepResult MicroBatches::run(const Tensor& inputs, const Target& target, std::int64_t micro_batches,
                             std::uint64_t step) {
  const std::int64_t batch = inputs.shape().front();
  StepResult result;
  result.gradients.resize(weights_.count());
  std::vector<std::vector<Tensor>> predictions;
  std::int64_t first = 0;
  std::uint64_t index = 0;
  for (const std::int64_t size : micro_batch_sizes(batch, micro_batches)) {
    Sized& sized = of(size);
    const TensorId input = sized.graph.inputs().front();
    const StepResult part = sized.step.run(
        {{input, rows(inputs, first, size).reshaped(sized.graph.tensor(input).type.shape)}},
        rows(target, first, size), step * static_cast<std::uint64_t>(micro_batches) + index);
    const double weight = static_cast<double>(size) / static_cast<double>(batch);
    result.loss += weight * part.loss;
    result.losses.resize(part.losses.size());
    predictions.resize(part.predictions.size());
    for (std::size_t exit = 0; exit < part.losses.size(); ++exit) {
      result.losses[exit] += weight * part.losses[exit];
      predictions[exit].push_back(part.predictions[exit]);
    }
    for (std::size_t i = 0; i < part.gradients.size(); ++i) {
      add_weighted(part.gradients[i], weight, result.gradients[i]);
    }
    first += size;
    ++index;
  }
  for (const std::vector<Tensor>& parts : predictions) {
    result.predictions.push_back(parallel::joined(parts, 0));
  }
  return result;
}

}  // namespace offcut::train
