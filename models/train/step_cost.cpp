// Turns the work of a training step into seconds, kernel by kernel, with the roofline that
// inference has. Kernels of the way back are described as kernels of the layer's own kind.

#include "models/train/step_cost.h"

#include <algorithm>
#include <utility>

#include "models/cost/roofline.h"

namespace offcut::train {
namespace {

using cost::KernelWork;

/// Returns the kernels of the way forward in training.
std::vector<KernelWork> forward_kernels(const Graph& graph, const std::vector<StepWork>& work,
                                        cost::Runtime runtime) {
  runtime.merges_composites = false;
  std::vector<KernelWork> kernels = cost::kernels_of(graph, runtime);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    KernelWork& kernel = kernels[id];
    if (kernel.is_batch_norm && work[id].trains) {
      kernel.is_fused = false;
      kernel.layer.activation_bytes +=
          static_cast<double>(graph.tensor(graph.layer(id).inputs.front()).type.bytes());
    }
  }
  return kernels;
}

/// Returns a kernel with the work in the place of the layer's own.
KernelWork with_work(KernelWork kernel, const PassWork& work) {
  kernel.is_fused = false;
  kernel.bias_bytes = 0;
  kernel.layer.macs = work.macs;
  kernel.layer.parameter_bytes = work.fixed_bytes;
  kernel.layer.activation_bytes = work.sample_bytes;
  return kernel;
}

/// Returns the kernel of the gradient of a product's or convolution's input: its sums are over the
/// output's channels, and its columns are the input's.
KernelWork transposed(KernelWork kernel, const Graph& graph, const Layer& layer) {
  const Shape& input = graph.tensor(layer.inputs.front()).type.shape;
  if (kernel.depth == 0 || input.size() < 2) {
    return kernel;
  }
  const bool is_convolution = kernel.layer.kind == LayerKind::convolution;
  const auto channels = static_cast<double>(is_convolution ? input[1] : input.back());
  // In a group, depth is its input channels times the window's places.
  kernel.depth *= kernel.columns / channels;
  kernel.columns = channels;
  return kernel;
}

/// A kernel of elementwise work: sums of gradients, the loss, an update.
KernelWork elementwise(const PassWork& work) {
  return with_work({.layer = {.kind = LayerKind::elementwise}}, work);
}

class Timer {
 public:
  Timer(const cost::Device& device, double batch) : device_(device), batch_(batch) {}

  Seconds of(const KernelWork& kernel) { return of_batch(kernel, batch_); }

  /// Returns the time of an update, whatever the batch.
  Seconds once(const PassWork& work) {
    return work.is_none() ? Seconds(0) : of_batch(elementwise(work), 1);
  }

  Seconds of(KernelWork kernel, const PassWork& work) {
    if (work.is_none()) {
      return Seconds(0);
    }
    if (kernel.layer.kind == LayerKind::view) {  // A view's gradient that is no view copies.
      kernel.layer.kind = LayerKind::data_movement;
    }
    return of(with_work(std::move(kernel), work));
  }

 private:
  Seconds of_batch(const KernelWork& kernel, double batch) {
    if (kernel.is_fused || kernel.layer.kind == LayerKind::view) {
      return Seconds(0);
    }
    const Seconds first = std::exchange(invocation_, Seconds(0));
    return first + std::max(cost::kernel_time(device_, kernel, batch), device_.runtime.issue);
  }

  const cost::Device& device_;
  double batch_;
  Seconds invocation_ = device_.runtime.invocation;
};

}  // namespace

std::vector<LayerStepTime> step_times(const cost::Device& device, const Graph& graph,
                                      const std::vector<StepWork>& work, double batch) {
  const std::vector<KernelWork> kernels = forward_kernels(graph, work, device.runtime);
  std::vector<LayerStepTime> times(graph.layer_count());
  Timer timer(device, batch);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (!work[id].runs) {
      continue;
    }
    const Layer& layer = graph.layer(id);
    const BackwardWork& back = work[id].backward;
    KernelWork to_weights = kernels[id];
    to_weights.is_3x3 = false;  // Winograd's algorithm is for images, not for sums over places.
    times[id].forward = timer.of(kernels[id]);
    times[id].backward = timer.of(transposed(kernels[id], graph, layer), back.inputs) +
                         timer.of(to_weights, back.weights) +
                         timer.of(elementwise(back.sums), back.sums) +
                         timer.of(elementwise(work[id].loss), work[id].loss);
    times[id].update = timer.once(work[id].update);
  }
  return times;
}

LayerStepTime total(const std::vector<LayerStepTime>& times) {
  LayerStepTime sum;
  for (const LayerStepTime& time : times) {
    sum.forward += time.forward;
    sum.backward += time.backward;
    sum.update += time.update;
  }
  return sum;
}

}  // namespace offcut::train
