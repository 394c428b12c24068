#pragma once

#include <vector>

#include "models/train/optimizer.h"
#include "models/train/step_plan.h"

namespace offcut::train {

/// The work of a kernel for a batch of `n` times the graph's own: n * macs, n * sample_bytes +
/// fixed_bytes. One multiply-accumulate counts once (two FLOP); as on the way forward, what only
/// scales, moves, adds or compares counts none.
struct PassWork {
  double macs = 0;
  double sample_bytes = 0;  // Activations and slopes that the kernel reads and writes.
  double fixed_bytes = 0;   // Parameters and their gradients.

  bool is_none() const { return macs == 0 && sample_bytes == 0 && fixed_bytes == 0; }
  PassWork& operator+=(const PassWork& other);
};

/// The way back of a layer.
struct BackwardWork {
  PassWork inputs;   // The kernel for the gradients of its inputs.
  PassWork weights;  // The kernel for the gradients of its weights, if that is another one.
  PassWork sums;     // A tensor with several readers has the sum of their gradients.

  PassWork all() const;
};

/// A layer in a training step.
struct StepWork {
  bool runs = false;    // The loss depends on the layer.
  bool trains = false;  // It runs in training: BatchNormalization with the batch's statistics.
  BackwardWork backward;
  PassWork loss;    // Of the layer that makes a prediction: the loss reads it and writes its slope.
  PassWork update;  // Of the weights that the layer is the first to read.
};

/// Returns the way back of each layer, as the kernels of gradients compute it.
///
/// - A convolution or product has one kernel for its input and one for its weights, each with the
///   multiply-accumulates of the way forward, and none for what needs no gradient, such as the
///   network's own input. Biases are sums, which the second kernel computes on its way.
/// - GRU and LSTM compute their gates again and then both products: three times the way forward.
/// - Any other layer has one kernel. It reads the slopes and what Gradient::reads_inputs and
///   reads_outputs name, and writes the gradients that are wanted. Layers that hand their slope on
///   as it is (Add, Reshape) have none.
std::vector<BackwardWork> backward_work(const Graph& graph, const StepPlan& plan);

/// Returns the work of an optimiser on `elements` weights: it reads weights and gradients, reads
/// and writes each moment, and writes the weights; a moment is a moving mean, which takes two
/// multiply-accumulates, and the step takes one.
PassWork update_work(const OptimizerKind& optimizer, std::int64_t elements);

/// Returns the work of a training step on the graph, by layer. Throws like TrainingStep.
std::vector<StepWork> step_work(const Graph& graph, const Registry<Gradient>& gradients,
                                const Weights& weights, const Loss& loss,
                                const OptimizerKind& optimizer, const StepOptions& options = {});

}  // namespace offcut::train
