#pragma once

#include <functional>

#include "partition/problem.h"

namespace offcut::partition {

/// Calls `visit` with every monotone assignment that keeps the pins and the tail, in the order of
/// the layers, nearest tiers first, until it returns false. Returns whether it never did.
bool each_assignment(const Problem& problem, const std::function<bool(const Assignment&)>& visit);

/// Returns a number of assignments of so many layers to so many tiers that no graph goes below, and
/// that a chain has: those that cut the layers in their order, (n + k - 1 choose k - 1).
double least_assignments(std::size_t layers, std::size_t tiers);

/// Returns whether there are at most so many of these assignments. Counting them is far cheaper
/// than evaluating them.
bool are_at_most(const Problem& problem, double most);

}  // namespace offcut::partition
