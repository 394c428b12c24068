// Convolutions. oneDNN's own choice of kernel and layouts is timed against blocks of channels and,
// for the layers that winograd.h chooses, Winograd's algorithm, including the cost of laying out
// the input and the residual. Weights are laid out for the chosen kernel only.

#include <fmt/format.h>

#include <limits>

#include "models/exec/onednn/lowering.h"
#include "models/exec/onednn/winograd.h"

namespace offcut::exec {

using dnnl::memory;

FusedAttributes fused_attributes(const Operation& operation) {
  Operation without_activation = operation;
  without_activation.activation.reset();
  return {OneDnnLowering::attributes(operation), OneDnnLowering::attributes(without_activation)};
}

/// A convolution and all kernels to choose from.
struct OneDnnLowering::ConvolutionChoice {
  const Operation& operation;
  Convolution convolution;
  std::vector<ConvolutionKernel> kernels;
};

double OneDnnLowering::seconds_around(const Operation& operation, const ConvolutionKernel& kernel) {
  const memory::desc& y = kernel.description.dst_desc();
  double seconds = reorder_seconds(natural(operation.inputs[0].id).layout,
                                   kernel.description.src_desc(), *onednn_, trials_);
  if (operation.residual) {
    seconds += reorder_seconds(natural(*operation.residual).layout, y, *onednn_, trials_);
  }
  if (kernel.activation_left) {
    seconds += eltwise_seconds(eltwises_of(*operation.activation).front(), y, *onednn_, trials_);
  }
  return seconds;
}

std::size_t OneDnnLowering::fastest(const ConvolutionChoice& choice) {
  const auto& kernels = choice.kernels;
  const bool winograd = is_winograd(kernels.back().description);
  if (kernels.size() == 1 || (winograd && options_.winograd == PrepareOptions::Winograd::always)) {
    return kernels.size() - 1;
  }
  std::vector<TimedKernel> timed;
  for (const ConvolutionKernel& kernel : kernels) {
    timed.push_back({key_of(choice.operation, choice.convolution.window, kernel.description),
                     kernel.description});
  }
  time_kernels(timed, *onednn_, trials_);
  std::size_t best = kernels.size() - 1;  // Where there is no time left for trials.
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    if (const auto own = trials_.time_of(timed[i].key)) {
      const double seconds = *own + seconds_around(choice.operation, kernels[i]);
      if (seconds < least) {
        least = seconds;
        best = i;
      }
    }
  }
  return best;
}

Constant OneDnnLowering::convolution_weights(const ConvolutionChoice& choice,
                                             const ConvolutionKernel& kernel) {
  return weights(program().constant(choice.operation.inputs[1]), choice.convolution.plain_w,
                 kernel.description.weights_desc());
}

bool OneDnnLowering::lower_convolution(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const bool has_bias = inputs.size() > 2 && program().type(inputs[2]) != TensorType{};
  if (type(operation.outputs.front()).shape.size() > 5 || !program().is_constant(inputs[1]) ||
      (has_bias && !program().is_constant(inputs[2]))) {
    return false;
  }
  const FusedAttributes attributes = fused_attributes(operation);
  ConvolutionChoice choice{.operation = operation,
                           .convolution = convolution_of(program(), operation)};
  const Convolution& c = choice.convolution;
  choice.kernels = direct_kernels(c, attributes, options_.time_layouts, onednn_->engine);
  if (choice.kernels.empty()) {
    return false;  // A plain loop; Eigen is faster.
  }
  if (layouts_ == Layouts::blocks) {
    choice.kernels.erase(choice.kernels.begin(), choice.kernels.end() - 1);
  }
  if (trials_.winograd->contains(operation.layer)) {
    choice.kernels.push_back(*winograd_kernel(c, attributes, onednn_->engine));
  }
  const Tensor bias_values = has_bias
                                 ? program().constant(inputs[2])
                                 : Tensor(TensorType{DataType::float32, {c.bias.dims().front()}});
  ConvolutionKernel chosen = choice.kernels[fastest(choice)];
  Constant weights_of_chosen = convolution_weights(choice, chosen);
  if (is_winograd(chosen.description) && !trials_.precise.contains(operation.layer)) {
    if (is_precise(c, weights_of_chosen.memory, program().constant(inputs[1]), bias_values,
                   *onednn_)) {
      trials_.precise.insert(operation.layer);
    } else {
      trials_.winograd->erase(operation.layer);
      choice.kernels.pop_back();
      chosen = choice.kernels[fastest(choice)];
      weights_of_chosen = convolution_weights(choice, chosen);
    }
  }
  add_convolution(operation, chosen, weights_of_chosen, weights(bias_values, c.bias, c.bias));
  return true;
}

void OneDnnLowering::add_convolution(const Operation& operation, const ConvolutionKernel& kernel,
                                     const Constant& own_weights, const Constant& bias) {
  const TensorId result = operation.outputs.front();
  const Form x = in_layout(operation.inputs[0].id, kernel.description.src_desc());
  const memory::desc layout = kernel.description.dst_desc();
  const Form y =
      operation.residual ? make_over(*operation.residual, result, layout, x) : make(result, layout);
  add_step(operation.name, kernel.description, dnnl::convolution_forward(kernel.description),
           {.reads = {{DNNL_ARG_SRC, x}},
            .writes = {{DNNL_ARG_DST, y}},
            .constants = {{DNNL_ARG_WEIGHTS, own_weights}, {DNNL_ARG_BIAS, bias}}});
  if (kernel.activation_left) {
    add_activation(operation.name, *operation.activation, y, y);
  }
}

}  // namespace offcut::exec
