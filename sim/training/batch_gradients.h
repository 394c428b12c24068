#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "models/train/trainer.h"

namespace offcut::training {

/// The gradients of batches of any size. A network is made ready once for a batch size; sizes that
/// have not been used for long are forgotten, so that memory stays bounded when clients differ.
class BatchGradients {
 public:
  /// All arguments outlive the object. `splits_batches`: a batch above kLargest is computed in
  /// pieces whose gradients are averaged, which bounds the memory; not valid if samples of a batch
  /// affect each other, as in batch normalisation.
  BatchGradients(const Graph& network, const dataset::Samples& samples,
                 const train::Libraries& libraries, const train::Loss& loss,
                 const Parameters& loss_parameters, train::Weights& weights, bool splits_batches);
  ~BatchGradients();

  /// Returns the mean gradients over the samples of these numbers, which may repeat, with the
  /// weights as they are. REQUIRES: at least one number, all of them samples.
  train::StepResult run(std::span<const std::int64_t> numbers, std::uint64_t step);

  static constexpr std::size_t kLargest = 256;

 private:
  class SizedStep;
  SizedStep& step_for(std::size_t size);
  void forget_steps();
  train::StepResult run_in_pieces(std::span<const std::int64_t> numbers, std::uint64_t step);

  const Graph& network_;
  const dataset::Samples& samples_;
  const train::Libraries& libraries_;
  const train::Loss& loss_;
  const Parameters& loss_parameters_;
  train::Weights& weights_;
  bool splits_batches_;
  std::map<std::size_t, std::unique_ptr<SizedStep>> steps_;
  std::uint64_t uses_ = 0;
};

}  // namespace offcut::training
