// Training steps by batch size, each with an input that is filled anew for every batch. A large
// batch is cut into pieces, and the gradient is their mean, weighted by samples, in float64.

#include "sim/training/batch_gradients.h"

#include <algorithm>
#include <numeric>

#include "models/ops/batches.h"

namespace offcut::training {
namespace {

TensorType rows_type(const Tensor& all, std::size_t rows) {
  TensorType type = all.type();
  type.shape[0] = static_cast<std::int64_t>(rows);
  return type;
}

void fill_rows(Tensor& rows, const Tensor& all, std::span<const std::int64_t> numbers) {
  const std::size_t row = rows.bytes().size() / numbers.size();
  std::byte* to = rows.bytes().data();
  for (const std::int64_t number : numbers) {
    to = std::copy_n(all.bytes().data() + static_cast<std::size_t>(number) * row, row, to);
  }
}

}  // namespace

/// The network in a batch of one size, with its step, and the tensors that it reads.
class BatchGradients::SizedStep {
 public:
  SizedStep(const BatchGradients& parts, std::size_t size)
      : samples_(parts.samples_),
        graph_(ops::in_batches(parts.network_, static_cast<std::int64_t>(size),
                               parts.libraries_.operators)),
        step_(graph_, parts.libraries_.gradients, parts.weights_, parts.loss_,
              parts.loss_parameters_),
        inputs_{{graph_.inputs().front(), Tensor(graph_.tensor(graph_.inputs().front()).type)}} {
    if (!samples_.labels.absent()) {
      target_.labels = Tensor(rows_type(samples_.labels, size));
    }
    if (!samples_.targets.absent()) {
      target_.values = Tensor(rows_type(samples_.targets, size));
    }
  }

  train::StepResult run(std::span<const std::int64_t> numbers, std::uint64_t step) {
    fill_rows(inputs_.begin()->second, samples_.inputs, numbers);
    if (!target_.labels.absent()) {
      fill_rows(target_.labels, samples_.labels, numbers);
    }
    if (!target_.values.absent()) {
      fill_rows(target_.values, samples_.targets, numbers);
    }
    return step_.run(inputs_, target_, step);
  }

  /// The memory that the step keeps for its next run, about.
  std::size_t bytes() const { return step_.memory().peak + inputs_.begin()->second.bytes().size(); }

  std::uint64_t last_use = 0;

 private:
  const dataset::Samples& samples_;
  Graph graph_;
  train::TrainingStep step_;
  exec::TensorMap inputs_;
  train::Target target_;
};

BatchGradients::BatchGradients(const Graph& network, const dataset::Samples& samples,
                               const train::Libraries& libraries, const train::Loss& loss,
                               const Parameters& loss_parameters, train::Weights& weights,
                               bool splits_batches)
    : network_(network),
      samples_(samples),
      libraries_(libraries),
      loss_(loss),
      loss_parameters_(loss_parameters),
      weights_(weights),
      splits_batches_(splits_batches) {}

BatchGradients::~BatchGradients() = default;

BatchGradients::SizedStep& BatchGradients::step_for(std::size_t size) {
  auto found = steps_.find(size);
  if (found == steps_.end()) {
    forget_steps();
    found = steps_.emplace(size, std::make_unique<SizedStep>(*this, size)).first;
  }
  found->second->last_use = ++uses_;
  return *found->second;
}

/// Makes room for another step: those that were not used for long go first.
void BatchGradients::forget_steps() {
  constexpr std::size_t kMostSteps = 64;
  constexpr std::size_t kMostBytes = 256U << 20U;
  const auto bytes = [&] {
    return std::accumulate(
        steps_.begin(), steps_.end(), std::size_t{0},
        [](std::size_t sum, const auto& step) { return sum + step.second->bytes(); });
  };
  while (steps_.size() >= kMostSteps || (!steps_.empty() && bytes() > kMostBytes)) {
    steps_.erase(std::min_element(steps_.begin(), steps_.end(), [](const auto& a, const auto& b) {
      return a.second->last_use < b.second->last_use;
    }));
  }
}

train::StepResult BatchGradients::run(std::span<const std::int64_t> numbers, std::uint64_t step) {
  return splits_batches_ && numbers.size() > kLargest ? run_in_pieces(numbers, step)
                                                      : step_for(numbers.size()).run(numbers, step);
}

train::StepResult BatchGradients::run_in_pieces(std::span<const std::int64_t> numbers,
                                                std::uint64_t step) {
  train::StepResult mean;
  mean.gradients.resize(weights_.count());
  std::vector<std::vector<double>> sums(weights_.count());
  for (std::size_t first = 0; first < numbers.size(); first += kLargest) {
    const auto piece = numbers.subspan(first, std::min(kLargest, numbers.size() - first));
    const double share = static_cast<double>(piece.size()) / static_cast<double>(numbers.size());
    // Each piece has random layers of its own.
    const train::StepResult result = step_for(piece.size()).run(piece, step + first);
    mean.loss += share * result.loss;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (result.gradients[i].absent()) {
        continue;
      }
      const auto values = result.gradients[i].values<float>();
      sums[i].resize(values.size());
      for (std::size_t k = 0; k < values.size(); ++k) {
        sums[i][k] += share * static_cast<double>(values[k]);
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!sums[i].empty()) {
      mean.gradients[i] = Tensor(weights_.value(i).type());
      std::transform(sums[i].begin(), sums[i].end(), mean.gradients[i].values<float>().begin(),
                     [](double sum) { return static_cast<float>(sum); });
    }
  }
  return mean;
}

}  // namespace offcut::training
