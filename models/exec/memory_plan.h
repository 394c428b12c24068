#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace offcut::exec {

/// A piece of memory that is needed from the step `first` to the step `last`, both inclusive.
struct Lifetime {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // One per piece, multiples of kPieceAlignment.
  std::size_t bytes = 0;             // Size of the whole arena.
};
inline constexpr std::size_t kPieceAlignment = 64;  // A cache line, and the widest vector.

/// Places pieces in one arena so that no two that live at the same time overlap: the largest first,
/// each at the lowest free address ("greedy by size" of Pisarchyk, Lee, "Efficient memory
/// management for deep neural net inference", MLSys 2020 workshop, arXiv 2001.03288, section 5).
/// O(n^2 log n).
MemoryPlan plan_memory(std::span<const Lifetime> pieces);

/// Places the same pieces one after the other, without sharing.
MemoryPlan lay_out(std::span<const Lifetime> pieces);

}  // namespace offcut::exec
