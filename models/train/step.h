#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/exec/segment.h"
#include "models/train/loss.h"
#include "models/train/weights.h"

namespace offcut::train {

/// An output of the network that is trained, and the weight of its loss. A network with early exits
/// has several: the loss is the weighted sum (Teerapittayanon, McDanel, Kung, "BranchyNet", ICPR
/// 2016, equation 1).
struct Exit {
  std::string output;  // The output's name.
  double weight = 1;
};

struct StepOptions {
  std::uint64_t seed = 1;  // Of Dropout.

  /// The outputs that are trained; all of them, with weight 1, if empty.
  std::vector<Exit> exits = {};

  /// Memory against time: the layers are cut into this many parts, of which only the tensors
  /// between them are kept; the others are computed again when the way back reaches the part (Chen
  /// et al., "Training deep nets with sublinear memory cost", 2016). 1 keeps everything that is
  /// needed.
  int checkpoints = 1;

  bool fast_kernels = true;  // oneDNN's, if offcut was built with it.
};

/// The memory of the last run of a step, in bytes, beside the weights and their gradients.
struct StepMemory {
  std::size_t kept = 0;  // At the end of the way forward.
  std::size_t peak = 0;
};

struct StepResult {
  double loss = 0;
  std::vector<double> losses;       // By exit, without the exits' weights.
  std::vector<Tensor> predictions;  // By exit: logits if the loss absorbs the last operator.
  std::vector<Tensor> gradients;    // By weight; absent where the loss does not depend on it.
};

/// One step of training: a batch forward through the network, its loss, and the way back to the
/// gradients of all weights. The same inputs, weights, seed and step give the same bits, for any
/// number of threads of the machine: everything runs on the calling thread.
///
/// Layers whose weights are all frozen, and that need not pass a gradient on, run in inference.
class TrainingStep {
 public:
  /// The graph has the size of the batch (ops::in_batches()). Graph, gradients, loss and weights
  /// must outlive the step. Throws InputError, which lists every layer between weights and loss
  /// whose operator has no gradient, and std::invalid_argument for exits that the network lacks.
  TrainingStep(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights,
               const Loss& loss, Parameters loss_parameters, StepOptions options = {});
  ~TrainingStep();
  TrainingStep(TrainingStep&&) noexcept;

  /// Runs the step. `step` is its number in the run, on which random layers depend. Running
  /// statistics change in the weights. Throws std::invalid_argument for inputs and targets that do
  /// not fit.
  StepResult run(const exec::TensorMap& inputs, const Target& target, std::uint64_t step);

  StepMemory memory() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace offcut::train
