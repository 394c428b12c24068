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
///     max(max(2 macs * batch / (peak * efficiency of the kind) + K * step of the kind,
///             (parameter bytes + activation bytes * batch) * element / 4
///                 / (memory bandwidth * efficiency))
///         + overhead, launch)
///
/// K is the number of terms of the sum that is an element of a convolution or product; they are
/// added one after the other, however few elements there are (Device::step), except that a product
/// of few rows may split its sums (Step::split_rows). Where the bias of a convolution is a kernel by
/// itself (Fusion::nothing), its traffic and the overhead of a kernel are added. 3x3 convolutions on
/// tiles, by Winograd's algorithm, sum over channels alone, K / 9, and may have an overhead of
/// their own, since they are three kernels: transform, product, transform back. Weights are read
/// once for the whole batch. Paleo adds the two times; here they overlap, as on the roofline. Views
/// and fused layers are free. Kinds without their own efficiency (pooling, elementwise,
/// normalization, data movement) have hardly any multiply-accumulates, which count as those of a
/// depthwise convolution, whose re-use is as low. The efficiency of a convolution depends on its
/// window, on its channels (Device::narrow), and, of 3x3 ones, on tiles that are not full
/// (Device::winograd_tile; an image counts as square), unless the device has an efficiency of its
/// own for convolutions with groups. Throws
/// std::invalid_argument for a layer from a table, whose times are given and not modelled.
/// REQUIRES: batch >= 1.
Seconds kernel_time(const Device& device, const KernelWork& kernel, double batch = 1);

/// Returns the same for a layer that is a kernel by itself and not a 3x3 convolution.
Seconds layer_time(const Device& device, const LayerWork& work);

/// Returns the time of each layer of the graph, on `batch` times the graph's own batch. On-chip
/// memory keeps the weights of the first layers; other weights come over the link, once per batch,
/// while the kernel runs. Where the host issues kernels (Runtime::issue), the i-th one ends at
/// max(end of the one before, i * issue) + its own time, and a layer's time is what it adds to the
/// end: layers add up to the time of the whole network, and a part that begins with a later layer
/// is charged as if the layers before it had run, too. The first kernel also has the invocation.
std::vector<Seconds> layer_times(const Device& device, const Graph& graph, double batch = 1);

/// Returns the same with the conversion of inputs that have another type on the wire than the
/// network reads: uint8 images that become floats. A conversion is an elementwise kernel, which
/// reads the one and writes the other; its time is added to the first layer that reads the input.
std::vector<Seconds> times_from_wire(const Device& device, const Graph& graph, double batch = 1);

}  // namespace offcut::cost
