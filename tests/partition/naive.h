#pragma once

#include <functional>
#include <optional>

#include "partition/problem.h"

namespace offcut {

/// Seconds of one request, told as the design tells it ("What a plan means") and written without a
/// look at evaluate() or verify(): the tensors in hand travel from tier to tier, each tier runs its
/// layers on them and sends on what is still needed. None where some layer lacks a tensor, because
/// the plan would have to go back for it.
std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of);

/// The least of naive_seconds() over all tiers^layers assignments that `allowed` accepts.
double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed = {});

}  // namespace offcut
