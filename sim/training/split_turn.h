#pragma once

#include <functional>
#include <string>

#include "sim/training/client_pool.h"
#include "sim/training/forecasts.h"
#include "sim/training/job_run.h"
#include "sim/training/network_cut.h"

namespace offcut::training {

/// A client's turn in split learning: it gets the head, and its batches go forward on the device,
/// up as activations with their labels, forward and back on the server, down as slopes, and back on
/// the device. At last, the head goes back to the server.
struct TurnOrder {
  std::size_t client = 0;
  std::size_t level = 1;  // The server's.
  LocalWork work;
  /// Runs a real step on these samples, when the server is through with them; returns its loss.
  std::function<double(std::span<const std::int64_t> samples, std::int64_t step)> step;
};

struct Turn {
  VisitHandle visit;    // Still open.
  bool is_done = true;  // False: the device or its links went down on the way.
  double loss = 0;      // Mean over the steps.
};

/// Runs a turn. A server that is down delays it. `then` is called when it ends, either way. `parts`
/// and `cut` outlive it.
void run_turn(RunParts& parts, const NetworkCut& cut, TurnOrder order,
              std::function<void(const Turn&)> then);

/// A turn in an idle system.
struct TurnTime {
  Seconds compute, communication;
  Bytes up, down;  // Over all hops.
  Seconds all() const { return compute + communication; }
};
/// `together` has the clients whose turns are at the same time.
TurnTime time_of_turn(const Job& job, const NetworkCut& cut, std::size_t client, std::size_t group,
                      std::size_t level, const Together& together);

/// Throws InputError if the job has a setting that strategies with a cut can't follow.
const Job& checked_for_cut(const Job& job);

/// As checked_for_cut(), for strategies whose round is a step on all machines.
const Job& checked_for_steps(const Job& job);

/// Returns the level of each layer: 0 for the head, the server's for the rest.
std::vector<std::size_t> levels_of(const NetworkCut& cut, std::size_t server_level);

/// The parameter that names the cut.
ParameterSpec cut_parameter();

}  // namespace offcut::training
