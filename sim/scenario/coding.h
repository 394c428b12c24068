#pragma once

#include "sim/scenario/scenario.h"

namespace offcut {

/// Puts the scenario's codec into the problem: the bytes that it promises for each tensor, and what
/// encoding and decoding take on each tier. Nothing where it has none. Throws InputError where the
/// codec refuses a tensor. REQUIRES: a problem of this graph, and tiers that are devices.
void add_codings(const Graph& graph, const Scenario& scenario, Problem& problem);

}  // namespace offcut
