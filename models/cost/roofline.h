#pragma once

#include <vector>

#include "models/cost/device.h"
#include "models/cost/kernel_work.h"

namespace offcut::cost {

/// How long `device` takes for a kernel on a batch, by the roofline model (Williams, Waterman,
/// Patterson, CACM 52(4), 2009): whichever is slower, the arithmetic or the memory traffic, each at
/// a share of its peak ("platform percent of peak" in Paleo, Qi, Sparks, Talwalkar, ICLR 2017),
/// plus a fixed overhead; and not less than the host needs to launch it, meanwhile:
///
///     max(max(2 macs * batch / (peak * efficiency of the kind),
///             (parameter bytes + activation bytes * batch) / (memory bandwidth * efficiency))
///         + overhead, launch)
///
/// Weights are read once for the whole batch. Paleo adds the two times; here they overlap, as on
/// the roofline. A view is free, and so is what is fused. Kinds without an efficiency of their own
/// (pooling, elementwise, normalization, data movement) do hardly any multiply-accumulates; those
/// they do count as a depthwise convolution's, which re-uses as little. Throws
/// std::invalid_argument for a layer from a table, whose times are given and not modelled.
/// REQUIRES: batch >= 1.
Seconds kernel_time(const Device& device, const KernelWork& kernel, double batch = 1);

/// The same for a layer that is a kernel by itself and no 3x3 convolution.
Seconds layer_time(const Device& device, const LayerWork& work);

/// Of each of the graph's layers, on a batch so many times the graph's own. Where the device has
/// memory on its chip, that keeps the weights of the first layers; the others' come over the link,
/// once a batch, while the kernel runs.
std::vector<Seconds> layer_times(const Device& device, const Graph& graph, double batch = 1);

}  // namespace offcut::cost
