#pragma once

#include "partition/cost_table.h"

// Layers of one request that a machine computes at the same time.
//
// A machine of a tier has CostTable::engines_on() engines for a request. Each computes one layer at
// a time, in the time that the layer has on the tier, and no layer slows down another one. The
// layers of a stage are those of the request on the tier; the layers of the tail are a stage of
// their own. At its start, all tensors of earlier stages are there.
//
// List scheduling (Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17(2),
// 1969): whenever an engine is free, it starts a layer of which all makers in the stage are done.
// Of several such layers, it is the one with the longest path to the end of the stage, which is the
// largest sum of times over a path that begins with the layer (the critical path list of Hu,
// "Parallel sequencing and assembly line problems", Operations Research 9(6), 1961); of equal ones,
// that with the lowest id. A layer that takes no time, such as one that is fused into another,
// needs no engine: it is done as soon as its makers are. The stage ends with its last layer, after
// at most (2 - 1 / engines) times the shortest possible time.

namespace offcut::partition {

/// Returns when the layers for which `is_here` holds are done if they begin at `begin`: with one
/// engine after the sum of their times, otherwise at the end of the list schedule. `times` has the
/// time of each layer of the table. O(layers log layers + tensors).
Seconds schedule_end(const CostTable& costs, const std::vector<Seconds>& times,
                     const std::vector<bool>& is_here, std::size_t engines, Seconds begin = {});

}  // namespace offcut::partition
