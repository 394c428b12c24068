#pragma once

#include <map>
#include <memory>
#include <vector>

#include "sim/training/strategy.h"
#include "sim/training/task_book.h"

namespace offcut::training {

/// Returns the rest of `whole` beside its parts. A rest below 0 is an error of the arithmetic, or
/// time in which both parts were at work: it is 0 then.
Seconds rest_of(Seconds whole, Seconds compute, Seconds communication);

/// A client's part in a round, from its selection on.
struct Visit {
  enum class Fate { open, counted, late, lost };
  std::size_t serial = 0;
  std::size_t client = 0;
  Seconds start;
  Seconds compute, communication;
  Seconds reported;  // The end of its last task so far.
  Seconds waited;    // As in its client's record.
  Fate fate = Fate::open;
};
using VisitHandle = std::shared_ptr<Visit>;

/// The books of rounds and clients.
///
/// Invariants:
/// 1. Every visit has one fate, at last when the books close.
/// 2. In each round's record, selected = participants + late + lost, of the visits whose fate the
///    round decided.
/// 3. The sums over rounds are the sums over clients.
/// 4. A visit waits until its round ends, or its own way if it is late: work after the round is no
///    waiting.
/// Whatever breaks one of them throws std::logic_error.
class RoundBooks {
 public:
  /// `samples` by client; later devices have none.
  explicit RoundBooks(const std::vector<std::vector<std::int64_t>>& samples);
  void begin(const engine::Tasks& tasks);
  /// Loading has ended: its messages and energy belong to no round.
  void begin_rounds(const Traffic& traffic);

  VisitHandle select(std::size_t client);
  void decide(const VisitHandle& visit, Visit::Fate fate);
  /// Adds tasks of the visit, which may be decided already: a late client works on.
  void computed(Visit& visit, const engine::TaskReport& task, std::int64_t steps = 0);
  void carried(Visit& visit, const Trip& trip, Bytes bytes, bool up);

  /// Ends a round with the visits that were decided since the last one ended. `record` has its
  /// numbers, times, rate, loss and accuracy. Bytes and energy are those since the last end.
  const RoundRecord& end_round(RoundRecord record, const Traffic& traffic);
  /// Decides all open visits, as late, and adds a last round if any are left, or if `unfinished`.
  void close(TrainingRecord& record, Seconds end, const Traffic& traffic,
             const std::optional<RoundRecord>& unfinished);

 private:
  Joules energy() const;
  void count_waiting(Visit& visit, Seconds until);
  void report(Visit& visit, Seconds end);

  const engine::Tasks* tasks_ = nullptr;
  std::vector<ClientRecord> clients_;
  std::vector<RoundRecord> rounds_;
  std::map<std::size_t, VisitHandle> open_;  // By serial number.
  std::size_t selections_ = 0;
  RoundRecord tally_;  // Of the visits that were decided since the last end.
  Bytes up_, down_;    // At the last end.
  Seconds loading_;    // Of messages before the first round.
  Joules used_;        // The same.
};

}  // namespace offcut::training
