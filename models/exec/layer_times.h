#pragma once

#include <span>

#include "models/exec/prepared.h"

namespace offcut::exec {

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
  /// With several threads, only the wall clock sees them all.
  ClockFunction clock = wall_seconds;
  double round_seconds = 2e-3;  // at least: short runs are repeated within a round
};

/// Shares the seconds of each kernel call among the layers that it is for, as layer_shares() says.
/// Returns the seconds of each layer.
std::vector<double> share_among_layers(const Graph& graph, const std::vector<KernelCall>& calls,
                                       std::span<const double> seconds);

/// Measures the layers of one graph, round by round, so that several graphs can take turns: what
/// happens on the machine meanwhile then hits them all alike.
class LayerTimer {
 public:
  /// Prepares the graph and warms it up. Throws what prepare() and Prepared::run() throw.
  /// REQUIRES: `graph` lives as long as this.
  LayerTimer(const Graph& graph, TensorMap inputs, const MeasureOptions& options);

  /// Runs the graph as a whole, and then timed kernel by kernel.
  void add_round();

  /// REQUIRES: a round.
  LayerTimes times() const;
  /// Over the time of a run, that of reading the clock once per kernel call.
  double clock_share();

 private:
  double time_whole();

  const Graph* graph_;
  TensorMap inputs_;
  ClockFunction clock_;
  Prepared prepared_;
  std::vector<KernelCall> calls_;
  int runs_ = 1;                              // in one round
  std::vector<double> wholes_;                // by round
  std::vector<std::vector<double>> seconds_;  // by layer and round
};

}  // namespace offcut::exec
