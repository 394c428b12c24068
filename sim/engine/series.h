#pragma once

#include "sim/engine/core/run_books.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Takes samples of a run at equal intervals, and one at its end, for the observer that asks for
/// them. A sample costs a visit of each queue and radio; without an observer there is none.
class Series final : EventQueue::Handler {
 public:
  Series(const Simulation& simulation, const Observers& observers, EventQueue& events,
         const RunBooks& books, const LinkBooks& links, Computing& computing, EnergyBooks& energy);

  void start();
  /// Takes the last sample, of the rest of the last interval. REQUIRES: no event comes any more.
  void finish(double end);

 private:
  /// Sums since the beginning of the run.
  struct Total {
    double arrived = 0, served = 0, joules = 0;
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void take(double now);
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
  double last_ = 0;            // The time of the last sample.
  std::vector<Total> totals_;  // At that time: of all, by tier, by hop.
};

}  // namespace offcut::engine
