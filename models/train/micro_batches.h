#pragma once

#include <map>
#include <memory>

#include "models/train/parted_step.h"

namespace offcut::train {

/// Returns the sizes of `parts` micro-batches of a batch: they differ by one at most, the larger
/// ones first. Throws std::invalid_argument if there are more parts than samples.
std::vector<std::int64_t> micro_batch_sizes(std::int64_t batch, std::int64_t parts);

/// Training steps of batches that go through the parts of a network in micro-batches, whose
/// gradients are averaged by their sizes. For losses that are means over samples, that is the
/// gradient of the whole batch (Huang et al., "GPipe", NeurIPS 2019, section 2.2), unless layers
/// mix the samples of a batch, as BatchNormalization does: its statistics are those of a
/// micro-batch.
class MicroBatches {
 public:
  /// `network` is for a batch of one. See PartedStep for the rest.
  MicroBatches(const Graph& network, const Registry<ops::Operator>& operators,
               const Registry<Gradient>& gradients, Weights& weights, const Loss& loss,
               Parameters loss_parameters, std::vector<std::size_t> part_of,
               StepOptions options = {});

  /// The network in parts, for batches of a size.
  struct Sized {
    Sized(const MicroBatches& all, std::int64_t size);
    Graph graph;
    PartedStep step;
  };
  Sized& of(std::int64_t size);

  /// Runs a step. `inputs` are the batch's samples, as dataset::Samples has them. `step` is its
  /// number; that of a random layer is step * micro_batches + the micro-batch's.
  StepResult run(const Tensor& inputs, const Target& target, std::int64_t micro_batches,
                 std::uint64_t step);

 private:
  const Graph& network_;
  const Registry<ops::Operator>& operators_;
  const Registry<Gradient>& gradients_;
  Weights& weights_;
  const Loss& loss_;
  Parameters loss_parameters_;
  std::vector<std::size_t> part_of_;
  StepOptions options_;
  std::map<std::int64_t, std::unique_ptr<Sized>> sized_;
};

}  // namespace offcut::train
