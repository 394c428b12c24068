#pragma once

#include <set>

#include "models/exec/onednn/kernel_trial.h"

namespace offcut::exec {

/// Returns the convolutions for which Winograd's algorithm is to be used: those where it saves most
/// time for the memory of its weights, which are up to four times as large, as long as all laid-out
/// weights stay within a budget (winograd_budget()). Times kernels, the largest layers first.
std::set<LayerId> choose_winograd(const Program& program, const PrepareOptions& options,
                                  OneDnn& onednn, Trials& trials);

/// Returns how many bytes more than those of direct convolutions the weights may take: laid-out
/// weights and the tensors of the largest step together take at most 100 MB and 1.7 times the
/// network's weights. An eighth of the weights is always allowed.
std::size_t winograd_budget(const Program& program);

/// Returns whether Winograd's result is as precise as that of a direct convolution, for random
/// inputs and the layer's own weights: some of the results are compared with sums in double.
bool is_precise(const Convolution& convolution, const dnnl::memory& laid_out, const Tensor& weights,
                const Tensor& bias, OneDnn& onednn);

/// Returns the attributes of a kernel for the operation, which applies its residual and activation.
FusedAttributes fused_attributes(const Operation& operation);

}  // namespace offcut::exec
