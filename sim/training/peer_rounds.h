#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/training/collective.h"
#include "sim/training/job_run.h"

namespace offcut::training {

/// The work of a peer on its own state in a round, before the peers mix.
struct PeerWork {
  ClientRuns::Handle piece;
  bool is_gradient = false;  // Of which the peer makes a step; else the piece is its next state.
  double rate = 0;           // Of that step.
  double weight = 1;         // In full mixing.
  std::int64_t steps = 1;
  Seconds service;
};

/// Peers that have states of their own. In each round, they work, exchange their states with their
/// neighbours when all have worked, and mix: w_i = sum_j W_ij w_j (adapt, then combine). The graph
/// stays; absent peers are left out of it for a round, and their weight is shared out anew. The
/// state that is judged is the mean of all peers.
struct PeerPlan {
  bool is_full = false;   // Everybody gets the mean of all, by weight; else Metropolis weights.
  Neighbours neighbours;  // By client of those that have samples.
  std::function<PeerWork(RunParts&, std::size_t client, std::int64_t round, const SharedState&)>
      work;
};
std::unique_ptr<Strategy> make_peer_rounds(const Job& job, PeerPlan plan);

/// Returns the forecast of a round, given the time of each client's own work.
RoundForecast forecast_of_peers(const Job& job, const System& system, const Neighbours& neighbours,
                                const std::function<Seconds(std::size_t client)>& service);

}  // namespace offcut::training
