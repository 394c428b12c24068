#pragma once

#include <string>
#include <vector>

#include "models/train/loss.h"
#include "models/train/step.h"

namespace offcut::train {

/// The work of a training step, decided once.
struct StepPlan {
  struct LayerPlan {
    bool runs = false;       // A prediction depends on the layer.
    bool goes_back = false;  // A gradient passes through it.
    bool trains = false;     // It runs in training, not in inference.
    const Gradient* gradient = nullptr;
    std::vector<bool> wanted;  // By input.
  };
  std::vector<LayerPlan> layers;
  std::vector<TensorId> predictions;  // By exit: the tensors that the loss reads.
  std::vector<double> exit_weights;
  std::vector<std::size_t> parts;    // First layer of each checkpointed part, and the end.
  std::vector<LayerId> last_reader;  // By tensor; the producer if nobody reads it.
  std::vector<bool> crosses;         // By tensor: read in a later part than it is made in.

  std::size_t part_of(LayerId layer) const;
};

/// Throws as TrainingStep's constructor does.
StepPlan plan_step(const Graph& graph, const Registry<Gradient>& gradients, const Weights& weights,
                   const Loss& loss, const StepOptions& options);

}  // namespace offcut::train
