#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/codec/codec.h"
#include "sim/engine/tasks/director.h"
#include "sim/training/aggregator.h"
#include "sim/training/selection.h"
#include "sim/training/split.h"
#include "sim/training/step_times.h"

namespace offcut::training {

/// The settings of a strategy that most of them share; each kind says which it reads.
struct StrategySettings {
  std::int64_t rounds = 100;  // Or steps, or epochs: the kind's own word is in its doc.
  double fraction = 1;        // Of the clients, in a round; at least one.
  std::int64_t local_epochs = 1;
  std::int64_t batch = 10;  // 0: all samples of the client.
  double rate = 0.1;
  double rate_decay = 1;            // Of the rate, a round.
  std::optional<Seconds> deadline;  // Of a round, from its beginning.
  bool partial_work = false;        // Clients do as many steps as the deadline allows.
  double over_selection = 0;        // So many more clients, as a share; the first ones count.
  std::size_t server_level = 0;     // The tier of the server; 0: the last one on the way.
  Parameters parameters;            // The kind's own.
};

struct StopRule {
  std::optional<double> accuracy;  // On the test samples.
  std::optional<Seconds> after;
};

/// Data and models come to their machines before the first round: T(D) = sum T_i(D_i) of
/// distributed learning, see the article S4.
struct Loading {
  enum class From { memory, disk, network };
  From from = From::memory;  // Nothing to load, from a local disk, or from the last tier.
  BytesPerSecond disk{0};
};

/// A training job with all of its parts. Everything that it points to outlives the run.
struct Job {
  std::string name;  // Of the model, in results.
  const Graph* network = nullptr;
  LocalTrainer* trainer = nullptr;
  const dataset::Samples* training = nullptr;
  const dataset::Samples* test = nullptr;  // Null: accuracy is that of the training samples.
  const ClientData* data = nullptr;        // Client i is device i.
  const StepTimes* times = nullptr;
  StrategySettings settings;
  StopRule stop;
  Loading loading;
  const AggregatorKind* aggregator = nullptr;
  Parameters aggregator_parameters;
  const SelectionKind* selection = nullptr;
  Parameters selection_parameters;
  std::shared_ptr<const codec::Codec> codec;  // Of updates on their way up; null: float32.
  std::int64_t judge_every = 1;               // Rounds between judgements on the test samples.
  std::uint64_t seed = 1;
  /// The tier level of each layer, for strategies that cut the network; empty: they choose.
  std::vector<std::size_t> level_of;
  unsigned threads = 1;  // For the mathematics of clients; the bytes of results don't depend on it.
};

/// Bytes that messages carried away from the devices and towards them, hop by hop: those of
/// messages whose last bit has left its sender, as engine::Traffic::task_bytes counts them.
struct Carried {
  Bytes up, down;
};

/// A round, a global step of data parallelism, or an update of an asynchronous server.
struct RoundRecord {
  std::int64_t round = 0;  // From 1 on.
  Seconds start, end;
  bool has_ended = true;  // Else it was under way when the training ended.
  std::int64_t selected = 0;
  std::int64_t participants = 0;  // Whose updates count.
  std::int64_t late = 0;          // Their updates came after the round.
  std::int64_t lost = 0;          // A machine or link went down. selected = the sum of these three.
  Bytes bytes_up, bytes_down;     // Carried since the round before ended.
  /// The parts of the way at whose end the round ended: see Way. They add up to end - start.
  Seconds compute, communication, waiting;
  double rate = 0;
  double loss = 0;  // Mean over the participants' samples, while they trained.
  std::optional<double> test_loss, accuracy;  // Of the server's new state, if it was judged.
  Joules energy;                              // Of all devices, during the round.
};

/// The sums of a client over a run. Its times do not overlap: see ClientTimes.
struct ClientRecord {
  std::int64_t samples = 0;
  std::int64_t selected = 0, counted = 0, late = 0, lost = 0;
  std::int64_t steps = 0;
  Seconds compute, communication, waiting;
  Bytes bytes_up, bytes_down;  // Carried on its way, over all hops.
  Joules energy;
};

/// A phase before the first round.
struct LoadingRecord {
  std::string what;  // "data" or "model".
  Seconds total;     // T = sum T_i(D_i).
  Seconds longest;   // Until which the first round waits.
  Bytes bytes;       // Of the payloads.
};

struct TrainingRecord {
  std::vector<LoadingRecord> loading;
  std::vector<RoundRecord> rounds;    // In the order of their ends.
  std::vector<ClientRecord> clients;  // By device.
  /// The bytes that belong to no round, those of loading and after the end; and to no client, those
  /// that sites sent and received for all of theirs. The bytes of all rounds, of loading and after
  /// the end are those of all clients and sites.
  Carried of_loading, after_end, of_sites;
  Seconds sync;  // S = sum S_i(D_i): of all rounds' messages.
  /// Stuck: tasks failed again and again, see kMostFutile. Unfinished: the run ended first.
  enum class End { rounds, accuracy, time, unfinished, stuck } end = End::unfinished;
  Seconds duration;
  std::optional<double> accuracy;     // At last.
  std::optional<double> before;       // The accuracy before the first round (edge adaptation).
  std::optional<Seconds> reached;     // When the accuracy to stop at was reached.
  State state;                        // At last.
  std::vector<std::size_t> level_of;  // By layer, of strategies that cut the network.
};

/// A strategy at work: hands out tasks, does the mathematics, and keeps the books.
class Strategy : public engine::Director {
 public:
  /// Returns the share of the rounds that have ended.
  virtual double done() const = 0;
  /// Closes the books when the run has ended: rounds that did not end are accounted for. Throws
  /// std::logic_error if anything was lost.
  virtual TrainingRecord close(Seconds end) = 0;
};

/// A strategy in an idle system, without noise and failures.
struct RoundForecast {
  Seconds round;  // Of one round, after loading.
  Seconds compute, communication, waiting;
  Bytes bytes_up, bytes_down;
  Seconds loading;
  std::string note;                   // "the cut after pool2".
  std::vector<std::size_t> level_of;  // By layer, if the strategy cuts the network.
};

/// The part of the system that a forecast may ask: the idle times of messages, without an engine.
class System {
 public:
  virtual ~System() = default;
  virtual std::size_t devices() const = 0;
  virtual std::size_t levels(std::size_t device) const = 0;
  virtual std::size_t group_of(std::size_t device) const = 0;
  virtual std::size_t site_of(std::size_t device, std::size_t level) const = 0;
  /// Returns the time of `count` equal messages that begin together over the hop, until the last
  /// one has arrived: they share its link if that is shared.
  virtual Seconds idle_time(const engine::Message& message, std::size_t together = 1) const = 0;
};

/// Registered by one file of sim/training/strategies/.
struct StrategyKind {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;  // Beside the shared settings.
  bool aggregates = false;                // Reads the aggregator and the selection.
  bool cuts = false;                      // Cuts the network: `offcut plan` shows where.
  bool by_feature = false;                // Needs a vertical split.
  AggregatorKind::Schedule schedule = AggregatorKind::Schedule::rounds;  // If it aggregates.
  /// Both throw InputError if the job does not fit, with what would. A message about a setting, a
  /// parameter or another part of the job begins with its name, as scenarios call it: "cut: ...".
  std::unique_ptr<Strategy> (*make)(const Job&);
  RoundForecast (*forecast)(const Job&, const System&);
};

void register_strategies(Registry<StrategyKind>& registry);  // From sim/training/strategies.

}  // namespace offcut::training
