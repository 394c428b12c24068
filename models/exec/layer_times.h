#pragma once

#include <chrono>
#include <span>

#include "models/exec/prepared.h"

namespace offcut::exec {

/// The measured time of one layer.
struct LayerTime {
  double median = 0;   // Seconds of one run, over the rounds.
  double spread = 0;   // Inter-quartile range over the rounds.
  std::string kernel;  // The kernels that are called for it, joined by '+', or empty.
};

/// The measured times of a graph.
struct LayerTimes {
  std::vector<LayerTime> layers;  // One for each layer, by id.
  double whole = 0;               // Median seconds of a whole run, timed from outside.

  double sum() const;  // Sum of the layers' medians.
};

struct MeasureOptions {
  PrepareOptions prepare;
  /// With several threads, only the wall clock sees them all.
  ClockFunction clock = wall_seconds;
  double round_seconds = 2e-3;  // Minimum; shorter runs are repeated within a round.
  /// Idle seconds before each run, in which other programs use the caches and the processor may
  /// lower its clock, as between the requests of a device. Runs are then not repeated in a round.
  double pause_seconds = 0;
};

/// Splits the seconds of each kernel call among its layers, as layer_shares() says. Returns the
/// seconds of each layer.
std::vector<double> share_among_layers(const Graph& graph, const std::vector<KernelCall>& calls,
                                       std::span<const double> seconds);

/// Measures the layers of one graph, round by round. Several graphs can take turns, so that a
/// disturbance on the machine affects all of them alike.
class LayerTimer {
 public:
  /// Prepares the graph and warms it up. Throws the errors of prepare() and Prepared::run().
  /// REQUIRES: `graph` outlives the timer.
  LayerTimer(const Graph& graph, TensorMap inputs, const MeasureOptions& options);

  /// Runs the graph as a whole, and then timed kernel by kernel.
  void add_round();

  /// REQUIRES: at least one round.
  LayerTimes times() const;
  /// Returns the time of one clock reading per kernel call, divided by the time of a run.
  double clock_share();

 private:
  double time_whole();

  const Graph* graph_;
  TensorMap inputs_;
  ClockFunction clock_;
  std::chrono::duration<double> pause_;
  Prepared prepared_;
  std::vector<KernelCall> calls_;
  int runs_ = 1;                              // Runs in one round.
  std::vector<double> wholes_;                // Seconds by round.
  std::vector<std::vector<double>> seconds_;  // Seconds by layer and round.
};

}  // namespace offcut::exec
