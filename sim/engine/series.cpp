// Samples of a run over time. Counts are those of the moment; rates and power draws are the growth
// of sums, which the books of the run keep anyway, since the last sample. A run ends with its last
// request, but clocks may go on, so a sample is only reported once a later request has ended.
// Events at the end, but after a sample at that time, belong to this sample.

#include "sim/engine/series.h"

namespace offcut::engine {

Series::Series(const Simulation& simulation, const Observers& observers, EventQueue& events,
               const RunBooks& books, const LinkBooks& links, Computing& computing,
               EnergyBooks& energy, const RunEnd& end)
    : simulation_(simulation),
      observers_(observers),
      events_(events),
      books_(books),
      links_(links),
      computing_(computing),
      energy_(energy),
      end_(end),
      interval_(observers.sample_interval.si()) {
  last_.totals.resize(1 + simulation.tiers.size() + simulation.hops.size());
}

void Series::start() {
  if (observers_.sample) {
    events_.schedule_in_background(interval_, *this, 0);
  }
}

void Series::handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* /*subject*/) {
  take(events_.now());
  if (const std::size_t most = observers_.samples_per_interval; most > 0 && ++samples_ == most) {
    interval_ *= 2;
    samples_ = 0;
  }
  events_.schedule_in_background(events_.now() + interval_, *this, 0);
}

void Series::finish(double end) {
  if (!observers_.sample) {
    return;
  }
  while (!taken_.empty() && last_.time >= end) {
    last_ = std::move(taken_.back().before);
    taken_.pop_back();
  }
  if (end > last_.time) {
    take(end);
  }
  report(kNever.si());
}

void Series::take(double now) {
  report(simulation_.stop.after.value_or(end_.duration()).si());
  Taken& taken = taken_.emplace_back(Taken{.before = last_, .rows = {row_of_all(now)}});
  for (std::size_t i = 0; i < simulation_.tiers.size(); ++i) {
    taken.rows.push_back(row_of_tier(i, now));
  }
  for (std::size_t i = 0; i < simulation_.hops.size(); ++i) {
    taken.rows.push_back(row_of_hop(i, now));
  }
  last_.time = now;
}

/// Reports the samples before this time.
void Series::report(double before) {
  for (; !taken_.empty() && taken_.front().rows.front().time.si() < before; taken_.pop_front()) {
    for (const SampleRow& row : taken_.front().rows) {
      observers_.sample(row);
    }
  }
}

void Series::rates(SampleRow& row, Total& before, const Total& after, double now) const {
  const double interval = now - last_.time;
  row.time = Seconds(now);
  row.arrived = PerSecond((after.arrived - before.arrived) / interval);
  row.served = PerSecond((after.served - before.served) / interval);
  if (row.power) {
    row.power = Watts((after.joules - before.joules) / interval);
  }
  before = after;
}

SampleRow Series::row_of_all(double now) {
  const RunRecord& run = books_.so_far();
  SampleRow row;
  row.present = run.arrived - books_.ended();
  rates(row, last_.totals.front(),
        {static_cast<double>(run.arrived), static_cast<double>(run.completed), 0}, now);
  return row;
}

SampleRow Series::row_of_tier(std::size_t tier, double now) {
  const TierState& state = computing_.state_of(tier);
  SampleRow row{.part = SampleRow::Part::tier, .number = tier};
  row.present = static_cast<std::int64_t>(state.books.jobs());
  row.busy = static_cast<std::int64_t>(state.books.busy());
  row.waiting = 0;
  for (const scheduling::ServerState& server : state.states) {
    *row.waiting += static_cast<std::int64_t>(server.waiting);
  }
  CoreTimes cores{.busy = state.books.busy_time(now), .of_groups = {}, .existing = {}};
  for (std::size_t group = 0; state.machines.are_unlike() && group < state.machines.size();
       ++group) {
    cores.of_groups.push_back(state.books.group_busy_time(group, now));
  }
  if (state.is_scaled()) {
    cores.existing = state.books.existing_time(now);
    row.machines =
        static_cast<std::int64_t>(state.books.existing() / simulation_.tiers[tier].cores);
  }
  // Without it, nothing is added up earlier than in a run without samples.
  const auto joules = observers_.samples_power ? energy_.so_far(tier, now, cores) : std::nullopt;
  row.power = joules ? std::optional(Watts(0)) : std::nullopt;
  const Batteries* batteries = observers_.samples_power ? energy_.batteries(tier) : nullptr;
  if (batteries != nullptr) {
    row.battery = batteries->mean_share();
  }
  rates(row, last_.totals[1 + tier],
        {static_cast<double>(state.books.arrivals()),
         static_cast<double>(state.books.usage.served + state.books.usage.tasks),
         joules.value_or(Joules(0)).si()},
        now);
  return row;
}

SampleRow Series::row_of_hop(std::size_t hop, double now) {
  const HopUsage& usage = books_.so_far().hops[hop];
  SampleRow row{.part = SampleRow::Part::hop, .number = hop};
  row.present = links_.present(hop);
  const auto mean_rate = [&](bool up) {
    const auto& rates = simulation_.hops[hop].moving_rates.of(up);
    return rates ? std::optional(BytesPerSecond(rates->mean(last_.time, now))) : std::nullopt;
  };
  row.rate_up = mean_rate(true);
  row.rate_down = mean_rate(false);
  const auto carried = static_cast<double>(usage.up_messages + usage.down_messages);
  rates(row, last_.totals[1 + simulation_.tiers.size() + hop],
        {static_cast<double>(links_.attempts(hop)), carried, 0}, now);
  return row;
}

}  // namespace offcut::engine
