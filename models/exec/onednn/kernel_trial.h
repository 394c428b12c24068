#pragma once

#include <string>
#include <vector>

#include "models/exec/onednn/convolution_kernels.h"
#include "models/exec/trials.h"

namespace offcut::exec {

/// A kernel to be timed, under the name by which its time is remembered.
struct TimedKernel {
  std::string key;
  ConvolutionDescription description;
};

/// Measures those of the kernels whose times are unknown, while there is budget. They take turns,
/// so that a disturbance on the machine affects all of them alike.
void time_kernels(const std::vector<TimedKernel>& kernels, OneDnn& onednn, Trials& trials);

/// Returns the time of laying a tensor out anew, or 0 if the layouts are the same, or if the budget
/// is spent.
double reorder_seconds(const dnnl::memory::desc& from, const dnnl::memory::desc& to, OneDnn& onednn,
                       Trials& trials);

/// Returns the time of an element-wise function in place, or 0 if the budget is spent.
double eltwise_seconds(const Eltwise& eltwise, const dnnl::memory::desc& layout, OneDnn& onednn,
                       Trials& trials);

/// Returns memory without zeros and denormals, which a kernel may read in any layout of float32.
Tensor filled_memory(std::size_t bytes);

}  // namespace offcut::exec
