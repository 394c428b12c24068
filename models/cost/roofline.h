#pragma once

#include "models/cost/device.h"
#include "models/graph/graph.h"

namespace offcut {

/// How long `device` takes for one layer, by the roofline model (Williams, Waterman, Patterson,
/// CACM 52(4), 2009): whichever is slower, the arithmetic or the memory traffic, each at a share of
/// its peak ("platform percent of peak" in Paleo, Qi, Sparks, Talwalkar, ICLR 2017), plus a fixed
/// overhead:
///
///     max(2 macs / (peak * efficiency of the kind),
///         (parameter bytes + activation bytes) / (memory bandwidth * efficiency)) + overhead
///
/// Paleo adds the two times; here they overlap, as on the roofline. A view is free. Kinds without
/// an efficiency of their own (pooling, elementwise, normalization, data movement) do hardly any
/// multiply-accumulates; those they do count as a depthwise convolution's, which re-uses as little.
/// Throws std::invalid_argument for a layer from a table, whose times are given and not modelled.
Seconds layer_time(const Device& device, const LayerWork& work);

}  // namespace offcut
