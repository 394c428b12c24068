// Assigns offsets in one arena to pieces of memory. Pieces are placed in the order of their
// sizes; each goes to the lowest gap between the placed pieces that live at the same time.

#include "models/exec/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace offcut::exec {
namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + kPieceAlignment - 1) / kPieceAlignment * kPieceAlignment;
}

bool meet(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

struct Range {
  std::size_t begin, end;
};

/// Returns the lowest address where `bytes` fit between the ranges taken.
std::size_t lowest_gap(std::vector<Range> taken, std::size_t bytes) {
  std::sort(taken.begin(), taken.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::size_t address = 0;
  for (const Range& range : taken) {
    if (address + bytes <= range.begin) {
      break;
    }
    address = std::max(address, range.end);
  }
  return address;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> pieces) {
  std::vector<std::size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return pieces[a].bytes > pieces[b].bytes; });
  MemoryPlan plan{.offsets = std::vector<std::size_t>(pieces.size())};
  std::vector<std::size_t> placed;
  for (const std::size_t piece : order) {
    std::vector<Range> taken;
    for (const std::size_t other : placed) {
      if (meet(pieces[piece], pieces[other])) {
        taken.push_back({plan.offsets[other], plan.offsets[other] + aligned(pieces[other].bytes)});
      }
    }
    const std::size_t bytes = aligned(pieces[piece].bytes);
    plan.offsets[piece] = lowest_gap(std::move(taken), bytes);
    plan.bytes = std::max(plan.bytes, plan.offsets[piece] + bytes);
    placed.push_back(piece);
  }
  return plan;
}

MemoryPlan lay_out(std::span<const Lifetime> pieces) {
  MemoryPlan plan;
  for (const Lifetime& piece : pieces) {
    plan.offsets.push_back(plan.bytes);
    plan.bytes += aligned(piece.bytes);
  }
  return plan;
}

}  // namespace offcut::exec
