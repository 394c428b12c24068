#pragma once

#include <deque>

#include "sim/engine/core/run_books.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/run_end.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Takes samples of a run at equal intervals, and one at its end, for the observer that asks for
/// them. A sample costs a visit of each queue and radio; without an observer there is none.
class Series final : EventQueue::Handler {
 public:
  Series(const Simulation& simulation, const Observers& observers, EventQueue& events,
         const RunBooks& books, const LinkBooks& links, Computing& computing, EnergyBooks& energy,
         const RunEnd& end);

  void start();
  /// Takes the last sample, of the rest of the last interval, and reports what is left. REQUIRES:
  /// no event comes any more, and the energy of messages on the air is counted.
  void finish(double end);

 private:
  /// Sums since the beginning of the run.
  struct Total {
    double arrived = 0, served = 0, joules = 0;
  };

  /// The time of a sample, and the sums at that time: of all, by tier, by hop.
  struct Moment {
    double time = 0;
    std::vector<Total> totals;
  };

  /// A sample that is not reported yet, and the one before it.
  struct Taken {
    Moment before;
    std::vector<SampleRow> rows;
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void take(double now);
  void report(double before);
  void rates(SampleRow& row, Total& before, const Total& after, double now) const;
  SampleRow row_of_all(double now);
  SampleRow row_of_tier(std::size_t tier, double now);
  SampleRow row_of_hop(std::size_t hop, double now);

  const Simulation& simulation_;
  const Observers& observers_;
  EventQueue& events_;
  const RunBooks& books_;
  const LinkBooks& links_;
  Computing& computing_;
  EnergyBooks& energy_;
  const RunEnd& end_;
  double interval_;          // From one sample to the next.
  std::size_t samples_ = 0;  // At this interval.
  Moment last_;  // The last sample.
  std::deque<Taken> taken_;
};

}  // namespace offcut::engine
