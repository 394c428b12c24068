#pragma once

#include <functional>

#include "partition/problem.h"

namespace offcut::partition {

/// Calls `visit` with every monotone assignment that keeps the pins and the tail, in the order of
/// the layers, nearest tiers first, until it returns false; returns false then.
bool each_assignment(const Problem& problem, const std::function<bool(const Assignment&)>& visit);

/// Whether there are so few. Counting is far cheaper than costing.
bool are_at_most(const Problem& problem, double most);

}  // namespace offcut::partition
