// Steps of a network in parts: the state is written into the weights, micro-batches go through all
// parts, and the optimiser changes the weights.

#include "sim/training/parted_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/train/sample_checks.h"
#include "sim/training/local_trainer.h"

namespace offcut::training {
namespace {

/// Rethrows std::invalid_argument as an InputError about the network.
template <class F>
auto about_parts(const Graph& network, F work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw InputError({network.name()}, error.what());
  }
}

}  // namespace

PartedTrainer::PartedTrainer(const Job& job, std::vector<std::size_t> part_of)
    : job_(job),
      weights_(*job.network, job.trainer->libraries().gradients, job.trainer->settings().weights),
      batches_(about_parts(*job.network, [&] {
        const train::Libraries& libraries = job.trainer->libraries();
        const LocalSettings& settings = job.trainer->settings();
        return train::MicroBatches(*job.network, libraries.operators, libraries.gradients, weights_,
                                   train::found_loss(libraries, settings.loss),
                                   settings.loss.parameters, std::move(part_of),
                                   {.seed = job.seed});
      })) {}

train::Optimizer PartedTrainer::optimizer() const {
  const Named& chosen = job_.trainer->settings().optimizer;
  return {*job_.trainer->libraries().optimizers.find(chosen.name), chosen.parameters};
}

double PartedTrainer::step(State& state, std::span<const std::int64_t> samples,
                           std::int64_t micro_batches, double rate, std::uint64_t number,
                           train::Optimizer& optimizer) {
  if (job_.trainer->settings().is_rehearsal) {
    return kRehearsedLoss;
  }
  const Layout& layout = job_.trainer->layout();
  layout.write(state, weights_);
  const dataset::Samples batch = job_.training->chosen(samples);
  train::StepResult result = about_parts(*job_.network, [&] {
    return batches_.run(batch.inputs,
                        {.labels = batch.labels, .values = batch.targets, .teacher = {}},
                        micro_batches, number);
  });
  if (!std::isfinite(result.loss)) {
    throw train::diverged(*job_.network, fmt::format("the loss is {} at step {}",
                                                     number_text(result.loss), number + 1));
  }
  if (job_.trainer->settings().clip) {
    train::clip_norm(result.gradients, *job_.trainer->settings().clip);
  }
  optimizer.step(weights_.pointers(), result.gradients, rate);
  state = layout.read(*job_.network, weights_);
  return result.loss;
}

void StatePart::copy(const State& from, State& to) const {
  for (const Layout::Part& part : parts) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(part.first), part.size,
                to.begin() + static_cast<std::ptrdiff_t>(part.first));
  }
}

StatePart state_of_layers(const Graph& network, const Layout& layout,
                          std::span<const LayerId> layers) {
  std::set<std::string> names;
  for (const LayerId layer : layers) {
    for (const TensorId input : network.layer(layer).inputs) {
      if (input != kAbsent && network.tensor(input).is_parameter()) {
        names.insert(network.tensor(input).name);
      }
    }
  }
  StatePart found;
  for (const Layout::Part& part : layout.parts()) {
    if (names.contains(part.name)) {
      found.parts.push_back(part);
      found.bytes += part.bytes();
    }
  }
  return found;
}

}  // namespace offcut::training
