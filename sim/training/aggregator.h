#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "sim/training/local_trainer.h"

namespace offcut::training {

/// The update of a client, as it arrives at the server.
struct Update {
  std::size_t client = 0;
  std::int64_t samples = 0;  // That the client holds: its weight.
  std::int64_t steps = 0;
  std::int64_t staleness = 0;  // Versions of the server since the client's own.
  State change;                // Its state less the one that it was sent.
  SharedState from;            // The one that it was sent; FedAsync reads it.
  State control;               // The change of its control variate (SCAFFOLD); else empty.
};

/// How a server makes its next state of updates. One object per run; it holds the server's moments
/// and control variates. All of its arithmetic is in double precision, in the order of clients.
class Aggregator {
 public:
  virtual ~Aggregator() = default;
  /// Changes what a client is to do, before it begins: the proximal term, the correction. Pointers
  /// in `work` stay valid until the next call for that client.
  virtual void prepare(std::size_t /*client*/, LocalWork& /*work*/) {}
  /// Fills in update.control after the client's work.
  virtual void finish(std::size_t /*client*/, const LocalWork& /*work*/, const State& /*from*/,
                      const LocalResult& /*result*/, Update& /*update*/) {}
  /// Changes the server's state by the updates, which are not empty. Returns whether it did: one
  /// with a buffer waits until that is full.
  virtual bool apply(std::span<const Update> updates, State& server) = 0;
  /// Returns the updates of a new state: the buffer's size.
  virtual std::int64_t updates_per_state() const { return 1; }
  /// Returns the bytes that a client receives and sends beside its model, as shares of the state:
  /// 1 and 1 for SCAFFOLD's control variates.
  virtual double extra_down() const { return 0; }
  virtual double extra_up() const { return 0; }
};

/// The setting of a run that aggregators read.
struct AggregatorSetting {
  const Layout& layout;
  std::size_t clients = 0;    // All of them.
  std::size_t per_round = 0;  // Selected in a round.
};

/// Registered by one file of sim/training/aggregators/.
struct AggregatorKind {
  enum class Schedule { rounds, asynchronous };
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;
  Schedule schedule = Schedule::rounds;
  /// One full-batch step of all clients, whatever `local-epochs` and `batch` say (FedSGD).
  bool single_step = false;
  std::unique_ptr<Aggregator> (*make)(const Parameters&, const AggregatorSetting&);
};

void register_aggregators(Registry<AggregatorKind>& registry);  // From sim/training/aggregators.

}  // namespace offcut::training
