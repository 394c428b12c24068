#pragma once

#include <vector>

#include "models/cost/device.h"
#include "models/train/backward_work.h"

namespace offcut::train {

/// The time of a layer in a training step.
struct LayerStepTime {
  Seconds forward, backward, update;
  Seconds all() const { return forward + backward + update; }
};

/// Returns the time of each layer in a training step on a device, for `batch` times the graph's
/// batch, by the roofline of cost::kernel_time().
///
/// - Forward, kernels are those of inference, except that composites are not merged, and that a
///   BatchNormalization in training is a kernel of its own, which reads its input twice: the
///   batch's statistics must be there first.
/// - Back, each kernel of BackwardWork that has any work is one of the layer's kind; the gradient
///   of a product's input has the sums and columns of the transposed matrix. The loss is a kernel
///   of the layer that makes the prediction.
/// - An update is one kernel for each layer, which does not depend on the batch.
/// - A kernel takes at least the time in which the host issues one. Layers that the loss does not
///   depend on are free.
///
/// Throws std::invalid_argument for a graph from a layer table. REQUIRES: batch >= 1, and `work` is
/// that of the graph.
std::vector<LayerStepTime> step_times(const cost::Device& device, const Graph& graph,
                                      const std::vector<StepWork>& work, double batch);

/// Returns the sum over all layers.
LayerStepTime total(const std::vector<LayerStepTime>& times);

}  // namespace offcut::train
