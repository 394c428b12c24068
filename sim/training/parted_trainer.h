#pragma once

#include <span>
#include <vector>

#include "models/train/micro_batches.h"
#include "sim/training/strategy.h"

namespace offcut::training {

/// The real steps of a network in parts, for strategies that cut it. A step changes the whole
/// state, each part by its own gradients: with the samples in the same order, that is what the
/// whole network does.
class PartedTrainer {
 public:
  /// The job outlives the trainer. Throws InputError if the network can't be divided so.
  PartedTrainer(const Job& job, std::vector<std::size_t> part_of);

  /// An optimiser in its first state.
  train::Optimizer optimizer() const;

  /// Runs a step on the mean loss over the samples. `number` is that of the step, for Dropout.
  /// Returns the loss. Throws InputError if it is not finite. In a rehearsal, the state stays.
  double step(State& state, std::span<const std::int64_t> samples, std::int64_t micro_batches,
              double rate, std::uint64_t number, train::Optimizer& optimizer);

 private:
  const Job& job_;
  train::Weights weights_;
  train::MicroBatches batches_;
};

/// Returns the places of a state that belong to the given layers, with their bytes.
struct StatePart {
  std::vector<Layout::Part> parts;
  Bytes bytes;

  /// Copies these places from one state to another one.
  void copy(const State& from, State& to) const;
};
StatePart state_of_layers(const Graph& network, const Layout& layout,
                          std::span<const LayerId> layers);

}  // namespace offcut::training
