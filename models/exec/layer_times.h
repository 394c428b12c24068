#pragma once

#include <span>

#include "models/exec/prepared.h"

namespace offcut {

/// What was measured of one layer.
struct LayerTime {
  double median = 0;   // seconds of one run, over the rounds
  double spread = 0;   // their inter-quartile range
  std::string kernel;  // the kernels that are called for it, joined by '+'; empty: none
};

/// What was measured of a graph.
struct LayerTimes {
  std::vector<LayerTime> layers;  // by id
  double whole = 0;               // median seconds of a whole run, timed from outside

  double sum() const;  // of the layers' medians
};

struct MeasureOptions {
  PrepareOptions prepare;
  int rounds = 15;  // behind one that warms up; each long enough for the clock
  ClockFunction clock =
      wall_seconds;             // where there are several threads, the wall's alone sees them all
  double round_seconds = 2e-3;  // at least: short runs are repeated within a round
};

/// Shares the seconds of each kernel call among the layers that it is for, as layer_shares() says.
/// Returns the seconds of each layer.
std::vector<double> share_among_layers(const Graph& graph, const std::vector<KernelCall>& calls,
                                       std::span<const double> seconds);

/// Runs the graph as a whole on `inputs` and measures each layer. Whole runs and runs that are
/// timed kernel by kernel take turns, so that what else happens on the machine hits both. Throws
/// what prepare() and Prepared::run() throw.
LayerTimes measure_layers(const Graph& graph, const TensorMap& inputs,
                          const MeasureOptions& options);

}  // namespace offcut
