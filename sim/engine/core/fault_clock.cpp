// The outages of machines and links. Given outages are scheduled at the start; random ones
// alternate between exponential up and down times, drawn from a random stream of each component.
// Devices come and go for ever, so that only the next change of each is scheduled. A component is
// down while at least one outage holds.

#include "sim/engine/core/fault_clock.h"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <utility>

namespace offcut::engine {
namespace {

/// Merges outages of one component that overlap or touch: it is not up in between, not even for a
/// moment.
std::vector<network::Outage> joined(std::vector<network::Outage> outages) {
  std::sort(outages.begin(), outages.end(), [](const network::Outage& a, const network::Outage& b) {
    return std::pair(a.which, a.from) < std::pair(b.which, b.from);
  });
  std::vector<network::Outage> joined;
  for (const network::Outage& outage : outages) {
    if (!joined.empty() && joined.back().which == outage.which &&
        outage.from <= joined.back().until) {
      joined.back().until = std::max(joined.back().until, outage.until);
    } else {
      joined.push_back(outage);
    }
  }
  return joined;
}

}  // namespace

FaultClock::FaultClock(const Simulation& simulation, const network::Attachment& attachment,
                       EventQueue& events, Listener& listener)
    : simulation_(simulation), events_(events), listener_(listener) {
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    const Tier& tier = simulation.tiers[i];
    add(tier.faults, "failures of " + tier.name, false, i, tier.servers);
  }
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    add(simulation.hops[i].faults, "failures of " + simulation.hops[i].name, true, i,
        attachment.links(i));
  }
}

void FaultClock::add(const network::Faults& faults, std::string_view name, bool is_link,
                     std::size_t position, std::size_t count) {
  for (std::size_t i = 0; faults.any() && i < count; ++i) {
    entities_.push_back(
        {{is_link, position, i}, {}, faults.exponential, random_stream(simulation_.seed, name, i)});
    entities_.back().presence = faults.presence.empty() ? nullptr : faults.presence[i].get();
  }
  for (const network::Outage& outage : joined(faults.outages)) {
    entities_[entities_.size() - count + outage.which].outages.push_back(outage);
  }
}

void FaultClock::start() {
  for (std::uint32_t i = 0; i < entities_.size(); ++i) {
    for (const network::Outage& outage : entities_[i].outages) {
      const bool ends = outage.until < kNever;
      events_.schedule_in_background(outage.from.si(), *this, ends ? kDown : kDownForGood, i);
      if (ends) {
        events_.schedule_in_background(outage.until.si(), *this, kUp, i);
      }
    }
    if (const auto& exponential = entities_[i].exponential) {
      schedule_random(exponential->down < kNever ? kFail : kFailForGood, i);
    }
    start_presence(i);
  }
}

void FaultClock::start_presence(std::uint32_t number) {
  Entity& entity = entities_[number];
  if (entity.presence == nullptr) {
    return;
  }
  if (!entity.presence->is_active(0)) {
    down(entity, entity.presence->is_never_active());
  }
  if (entity.presence->changes() > 0) {
    while (entity.presence->change(entity.changes) <= 0) {
      ++entity.changes;
    }
    schedule_presence(number);
  }
}

void FaultClock::schedule_presence(std::uint32_t number) {
  const Entity& entity = entities_[number];
  events_.schedule_in_background(entity.presence->change(entity.changes), *this, kPresence, number);
}

void FaultClock::change_presence(std::uint32_t number) {
  Entity& entity = entities_[number];
  ++entity.changes;
  schedule_presence(number);
  const bool is_there = entity.presence->is_active_before() != (entity.changes % 2 == 1);
  is_there ? up(entity) : down(entity, false);
}

void FaultClock::down(Entity& entity, bool is_for_good) {
  if (entity.reasons++ == 0) {
    listener_.goes_down(entity.component);
  }
  if (is_for_good) {
    listener_.fails_for_good(entity.component);
  }
}

void FaultClock::up(Entity& entity) {
  if (--entity.reasons == 0) {
    listener_.comes_up(entity.component);
  }
}

void FaultClock::schedule_random(Kind kind, std::uint32_t number) {
  Entity& entity = entities_[number];
  const auto& means = *entity.exponential;
  const double mean = (kind == kRepair ? means.down : means.up).si();
  const double time = mean * boost::random::exponential_distribution<double>(1)(entity.stream);
  events_.schedule_in_background(events_.now() + time, *this, kind, number);
}

void FaultClock::handle(std::uint32_t kind, std::uint32_t number, void* /*subject*/) {
  Entity& entity = entities_[number];
  if (kind == kFail || kind == kRepair) {
    schedule_random(kind == kFail ? kRepair : kFail, number);
  }
  if (kind == kPresence) {
    change_presence(number);
  } else if (kind == kUp || kind == kRepair) {
    up(entity);
  } else {
    down(entity, kind == kDownForGood || kind == kFailForGood);
  }
}

}  // namespace offcut::engine
