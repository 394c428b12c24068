#pragma once

#include <vector>

#include "models/cost/device.h"
#include "models/cost/kernel_work.h"

namespace offcut::cost {

/// Returns the time of a kernel for a batch on `device` by the roofline model (Williams, Waterman,
/// Patterson, CACM 52(4), 2009): the maximum of arithmetic and memory traffic, each at a share of
/// its peak ("platform percent of peak" in Paleo, Qi, Sparks, Talwalkar, ICLR 2017), plus a fixed
/// overhead, and at least the time in which the host launches it:
///
///     max(max(2 macs * batch / (peak * efficiency of the kind),
///             (parameter bytes + activation bytes * batch) / (memory bandwidth * efficiency))
///         + overhead, launch)
///
/// Weights are read once for the whole batch. Paleo adds the two times; here they overlap, as on
/// the roofline. Views and fused layers are free. Kinds without their own efficiency (pooling,
/// elementwise, normalization, data movement) have hardly any multiply-accumulates, which count as
/// those of a depthwise convolution, whose re-use is as low. Throws std::invalid_argument for a
/// layer from a table, whose times are given and not modelled. REQUIRES: batch >= 1.
Seconds kernel_time(const Device& device, const KernelWork& kernel, double batch = 1);

/// Returns the same for a layer that is a kernel by itself and not a 3x3 convolution.
Seconds layer_time(const Device& device, const LayerWork& work);

/// Returns the time of each layer of the graph, on `batch` times the graph's own batch. On-chip
/// memory keeps the weights of the first layers; other weights come over the link, once per batch,
/// while the kernel runs.
std::vector<Seconds> layer_times(const Device& device, const Graph& graph, double batch = 1);

/// Returns the same with the conversion of inputs that have another type on the wire than the
/// network reads: uint8 images that become floats. A conversion is an elementwise kernel, which
/// reads the one and writes the other; its time is added to the first layer that reads the input.
std::vector<Seconds> times_from_wire(const Device& device, const Graph& graph, double batch = 1);

}  // namespace offcut::cost
