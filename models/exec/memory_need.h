#pragma once

#include <span>

#include "models/exec/math_engine.h"
#include "models/exec/segment.h"

namespace offcut::exec {

/// The bytes that a run of a segment certainly takes at once.
struct MemoryNeed {
  std::uint64_t weights = 0;      // Parameters that have not been made yet.
  std::uint64_t activations = 0;  // Tensors at the layer `at`, where they take most.
  LayerId at = 0;
};

/// Returns what the reference operators take: tensors live from the layer that makes them to their
/// last reader, and views share the memory of what they show. O(V + E).
MemoryNeed memory_need(const Graph& graph, const Segment& segment);

/// Returns a lower bound for prepared kernels, which may compute in place: one tensor, the largest.
MemoryNeed least_memory_need(const Graph& graph, const Segment& segment);

/// Throws MemoryError, which names a layer, if segments that run one after the other certainly need
/// more than the memory limit allows. The parameters of all of them stay in memory.
void check_memory_need(const Graph& graph, std::span<const Segment> segments, MathEngine engine);

}  // namespace offcut::exec
