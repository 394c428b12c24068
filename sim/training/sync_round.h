#pragma once

#include "sim/training/client_pool.h"
#include "sim/training/forecasts.h"
#include "sim/training/job_run.h"

namespace offcut::training {

/// A client's update that has arrived at the server, whose visit is still open.
struct Arrival {
  Update update;
  VisitHandle visit;
  LocalWork work;
  ClientRuns::Handle piece;  // Its LocalResult.
  State residual;            // For UpdateCodec::keep() if the update counts.
  Way way;                   // To its arrival.
  double loss = 0;
};

/// A synchronous round: a server sends its state to clients, which train it and send their updates
/// back, until `needed` of them have arrived, the deadline passes, or nobody is on the way any
/// more.
struct RoundOrder {
  std::int64_t number = 1;  // LocalWork::round.
  std::vector<std::size_t> clients;
  std::vector<std::size_t> holders;  // Clients of these that have the state already; ascending.
  SharedState state;
  std::size_t level = 1;             // The server's.
  std::size_t needed = 0;            // Updates.
  std::optional<Seconds> until;      // The deadline, by the clock.
  Aggregator* aggregator = nullptr;  // Prepares and finishes the clients' work; null: nothing.
  ClientPool* pool = nullptr;        // Of which the clients are taken.
};

/// Runs the round. When it ends, the clients that are on their way are late, which the books know,
/// and `then` gets the arrivals by client number, on the way of the last one. Late clients work on,
/// and are back in the pool when they are through. `parts` and the pool outlive that.
void run_round(RunParts& parts, RoundOrder order, std::function<void(std::vector<Arrival>)> then);

/// The server's part after a round.
struct ServerStep {
  SharedState state;  // The new one, or the old one if the aggregator did not change it.
  double loss = 0;    // Mean over the participants' samples.
};
/// Counts the arrivals, completes their updates, and applies them to the server's state.
ServerStep apply_arrivals(RunParts& parts, const SharedState& server, std::vector<Arrival> arrivals,
                          Aggregator& aggregator);

/// Throws InputError if the job's aggregator updates its state by the other schedule, and
/// std::logic_error if it has no aggregator or no selection.
void check_aggregation(const Job& job, AggregatorKind::Schedule schedule);

/// Makes the job's aggregator.
std::unique_ptr<Aggregator> make_aggregator(const Job& job);

/// Returns the clients to select if so many updates are needed: over-selection adds its share.
std::size_t clients_to_select(const Job& job, std::size_t needed);

/// Return the bytes of a client's download and of its upload beside the encoded update.
Bytes bytes_down(const RunParts& parts, const Aggregator* aggregator);
Bytes extra_bytes_up(const RunParts& parts, const Aggregator* aggregator);

/// Returns each client's way through a round in an idle system, for forecasts.
std::vector<ClientWay> ways_of_round(const Job& job, const System& system,
                                     const std::vector<std::size_t>& clients, std::size_t level,
                                     std::size_t at_once, double extra_down, double extra_up);

}  // namespace offcut::training
