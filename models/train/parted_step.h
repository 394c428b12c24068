#pragma once

#include <map>
#include <memory>
#include <vector>

#include "models/train/step.h"

namespace offcut::train {

/// A training step of a network whose layers are divided into parts, one machine each, as in layer
/// pipelines (Huang et al., "GPipe", NeurIPS 2019) and split learning (Vepakomma et al., 2018). A
/// part sends the tensors that later parts read on to them, and gets their slopes back. Several
/// batches may be between their ways forward and back. The kernels are those of TrainingStep; all
/// parts together give its results, up to the order of sums.
class PartedStep {
 public:
  /// A batch on its way through a part.
  class Passing;

  /// The results of a batch's way back through a part.
  struct Returned {
    double loss = 0;                  // Of the exits in this part, weighted.
    std::vector<double> losses;       // Of each, without the weights.
    std::vector<Tensor> predictions;  // Of these exits.
    exec::TensorMap slopes = {};      // Of entering tensors that need one.
  };

  /// `part_of` has the part of each layer. Everything must outlive the step, like in TrainingStep.
  /// Checkpoints are not taken into account. Throws like TrainingStep, and std::invalid_argument if
  /// a layer reads from a later part, if a part has no layer, or if layers in two parts train one
  /// weight.
  PartedStep(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights,
             const Loss& loss, Parameters loss_parameters, std::vector<std::size_t> part_of,
             StepOptions options = {});
  ~PartedStep();
  PartedStep(PartedStep&&) noexcept;

  std::size_t parts() const;
  /// Return the tensors that the part reads and does not make, without parameters: the network's
  /// inputs, and tensors of earlier parts; and those that it makes and later parts read. Ascending.
  const std::vector<TensorId>& enters(std::size_t part) const;
  const std::vector<TensorId>& leaves(std::size_t part) const;
  /// Returns the entering tensors for which the part returns a slope: those that depend on trained
  /// weights.
  const std::vector<TensorId>& returns(std::size_t part) const;
  /// Returns the weights of the part's layers, ascending.
  const std::vector<std::size_t>& weights(std::size_t part) const;
  /// Returns the part that evaluates the loss: the last one, unless there are early exits.
  bool has_loss(std::size_t part) const;

  /// Runs a part forward. `inputs` must hold the tensors that enter. Returns the batch's passing,
  /// with the tensors that leave. `step` is the number of the step, on which random layers depend.
  std::shared_ptr<Passing> forward(std::size_t part, const exec::TensorMap& inputs,
                                   std::uint64_t step);
  static const exec::TensorMap& leaving(const Passing& passing);
  /// Returns the bytes that a batch holds between its ways through a part.
  static std::size_t kept_bytes(const Passing& passing);

  /// Runs a part back. `slopes` has the slopes of leaving tensors, summed over their readers; those
  /// that are missing are 0. Adds the gradients of the part's weights to `gradients`, which has one
  /// entry for each weight of the network. The passing is used up. REQUIRES: parts that read from
  /// this one have been back.
  Returned backward(std::size_t part, Passing& passing, const exec::TensorMap& slopes,
                    const Target& target, std::vector<Tensor>& gradients);

  /// Runs all parts, one after the other: a TrainingStep.
  StepResult run(const exec::TensorMap& inputs, const Target& target, std::uint64_t step);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Adds the slopes of one part to those of others.
void add_slopes(exec::TensorMap& sum, const exec::TensorMap& slopes);

}  // namespace offcut::train
