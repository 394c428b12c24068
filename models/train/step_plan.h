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

/// Returns the given exits, or else all outputs with weight 1. Throws std::invalid_argument for
/// exits that the network lacks, and for weights below 0.
std::vector<Exit> exits_of(const Graph& graph, const std::vector<Exit>& chosen);

/// Returns the tensor that the loss reads for an output: the input of the operators that the loss
/// absorbs, or the output itself.
TensorId prediction_of(const Graph& graph, TensorId output, const Loss& loss);

/// Returns the layers that the tensors depend on, ascending.
std::vector<LayerId> layers_before(const Graph& graph, const std::vector<TensorId>& tensors);

/// Returns the exit that most layers lead to.
std::size_t final_exit(const Graph& graph, const std::vector<Exit>& exits);

/// Throws as TrainingStep's constructor does.
StepPlan plan_step(const Graph& graph, const Registry<Gradient>& gradients, const Weights& weights,
                   const Loss& loss, const StepOptions& options);

}  // namespace offcut::train
