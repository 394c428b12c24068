#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/graph/tensor.h"

namespace offcut::train {

/// One update of one weight.
struct Update {
  std::span<float> value;
  std::span<const float> gradient;
  std::vector<std::span<float>> moments;  // State from step to step, 0 at first.
  double rate;                            // The learning rate of this step.
  std::int64_t step;                      // From 1 on.
};

/// A rule that changes weights by their gradients.
struct OptimizerKind {
  std::string name;
  std::string doc;  // The formula.
  std::string citation;
  std::vector<ParameterSpec> parameters = {};
  std::size_t moments = 0;  // Tensors of state per weight.
  void (*update)(const Parameters&, const Update&);
};

void register_optimizers(Registry<OptimizerKind>& registry);  // From models/train/optimizers.

/// The state of an optimiser, all that a run needs to be continued.
struct OptimizerState {
  std::int64_t steps = 0;
  std::vector<std::vector<Tensor>> moments;  // By weight.
};

/// An optimiser with its state.
class Optimizer {
 public:
  Optimizer(const OptimizerKind& kind, Parameters parameters)
      : kind_(&kind), parameters_(std::move(parameters)) {}

  /// Changes the values, in place, by one step. An absent gradient leaves its value and its moments
  /// as they are. REQUIRES: the same number and shapes of values in each step.
  void step(std::span<Tensor* const> values, std::span<const Tensor> gradients, double rate);

  const OptimizerState& state() const { return state_; }
  void restore(OptimizerState state) { state_ = std::move(state); }

 private:
  const OptimizerKind* kind_;
  Parameters parameters_;
  OptimizerState state_;
};

/// Scales all gradients so that the norm of all of them together is at most `most`, like PyTorch's
/// clip_grad_norm_ (Pascanu, Mikolov, Bengio, ICML 2013). Absent gradients count as 0. Returns the
/// norm before.
double clip_norm(std::span<Tensor> gradients, double most);

/// Returns that norm; infinite or NaN if a gradient is.
double norm_of(std::span<const Tensor> gradients);

}  // namespace offcut::train
