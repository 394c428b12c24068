#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sim/training/strategy.h"
#include "sim/training/task_book.h"

namespace offcut::training {

/// A client's part in a round, from its selection on.
struct Visit {
  enum class Fate { open, counted, late, lost };
  std::size_t serial = 0;
  std::size_t client = 0;
  Seconds start;
  Fate fate = Fate::open;
  Seconds until;   // When its fate was decided, unless it is late.
  Seconds worked;  // By its client before.
};
using VisitHandle = std::shared_ptr<Visit>;

/// The books of rounds and clients.
///
/// Invariants:
/// 1. Every visit has one fate, at last when the books close.
/// 2. In each round's record, selected = participants + late + lost, of the visits whose fate the
///    round decided.
/// 3. The sums over rounds are the sums over clients.
/// 4. A client waits from its selection until its round ends, or its own work if it is late, or it
///    is selected again, for as long as it does nothing.
/// 5. The parts of a round are not below 0, and add up to its length.
/// 6. The bytes of loading, of all rounds and after the end are those of all clients and sites.
/// Whatever breaks one of them throws std::logic_error.
class RoundBooks {
 public:
  /// `samples` by client; later devices have none.
  explicit RoundBooks(const ClientSamples& samples);
  /// The book has begun, and outlives this.
  void begin(TaskBook& book);
  /// Loading has ended: its messages and energy belong to no round.
  void begin_rounds();

  VisitHandle select(std::size_t client);
  void decide(const VisitHandle& visit, Visit::Fate fate);
  /// The work of a visit is over, also if it is late.
  void leave(const VisitHandle& visit);
  void add_steps(std::size_t client, std::int64_t steps) { clients_.at(client).steps += steps; }

  /// Ends a round with the visits that were decided since the last one ended. `record` has its
  /// numbers, times, rate, loss and accuracy. Bytes and energy are those since the last end.
  const RoundRecord& end_round(RoundRecord record);
  /// The training has ended: what follows belongs to no round.
  void end_rounds();
  /// Decides all open visits, as late, and adds a last round if any are left, or if `unfinished`.
  /// REQUIRES: end_rounds() was called at `end`.
  void close(TrainingRecord& record, Seconds end, const std::optional<RoundRecord>& unfinished);

 private:
  /// Running totals.
  struct Totals {
    Carried carried;
    Joules energy;
  };
  Totals totals() const;
  const RoundRecord& end_round(RoundRecord record, const Totals& now);
  void end_visit(const Visit& visit);
  void close_clients();
  void check(const TrainingRecord& record) const;

  TaskBook* book_ = nullptr;
  std::vector<ClientRecord> clients_;
  std::vector<RoundRecord> rounds_;
  std::map<std::size_t, VisitHandle> open_;  // By serial number.
  /// Visits whose waiting is not counted yet, by client.
  std::unordered_map<std::size_t, VisitHandle> current_;
  std::size_t selections_ = 0;
  RoundRecord tally_;  // Of the visits that were decided since the last end.
  Totals last_, end_;  // At the last end of a round, and at that of the training.
  bool has_loaded_ = false;
  Carried of_loading_;
  Seconds loading_;  // Of its messages.
};

}  // namespace offcut::training
