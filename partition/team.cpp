// The time of one request on an idle team: of all strands, the one whose next step is ready first
// takes it, so that machines and links serve steps in the order in which they become ready. The
// engine does the same with events, and with the requests of others in between.

#include "partition/team.h"

#include <algorithm>
#include <stdexcept>

#include "partition/amount.h"

namespace offcut::partition {
namespace {

/// The machines and the directions of their links, each of which serves one step at a time.
struct Resources {
  explicit Resources(const Team& team) : all(3 * team.machines) {}

  Seconds& of(const TeamStep& step) {
    return all[3 * step.machine + static_cast<std::size_t>(step.kind)];
  }

  std::vector<Seconds> all;
};

Seconds occupation(const Team& team, const TeamStep& step) {
  return step.kind == TeamStep::Kind::compute ? step.time : step.bytes / team.bandwidth;
}

/// A strand on its way.
struct Progress {
  const TeamStrand* strand;
  std::size_t next;
  Seconds ready;  // The time at which the step before it ended.

  bool is_over() const { return next == strand->size(); }
};

Seconds end_of(const Team& team, const TeamPhase& phase, Seconds start, Resources& free) {
  std::vector<Progress> strands;
  for (const TeamStrand& strand : phase) {
    strands.push_back({&strand, 0, start});
  }
  Seconds end = start;
  while (true) {
    Progress* first = nullptr;
    for (Progress& progress : strands) {
      if (!progress.is_over() && (first == nullptr || progress.ready < first->ready)) {
        first = &progress;
      }
    }
    if (first == nullptr) {
      return end;
    }
    const TeamStep& step = (*first->strand)[first->next++];
    Seconds& resource = free.of(step);
    resource = std::max(resource, first->ready) + occupation(team, step);
    first->ready = resource +
                   (step.kind == TeamStep::Kind::compute ? Seconds(0) : team.latency);
    end = std::max(end, first->ready);
  }
}

}  // namespace

void Team::check() const {
  bool holds = machines > 0 && is_amount(latency) && bandwidth > BytesPerSecond(0);
  for (const TeamPhase& phase : phases) {
    for (const TeamStrand& strand : phase) {
      for (const TeamStep& step : strand) {
        holds = holds && step.machine < machines && is_amount(step.time) && is_amount(step.bytes);
      }
    }
  }
  if (!holds) {
    throw std::logic_error(
        "team: steps must name one of its machines, the bandwidth must be positive, and times and "
        "bytes finite and not negative");
  }
}

Seconds idle_latency(const Team& team) {
  Seconds end;
  for (const TeamPhase& phase : team.phases) {
    Resources free(team);  // Nothing of the phase before it is left.
    end = end_of(team, phase, end, free);
  }
  return end;
}

Seconds longest_stage(const Team& team) {
  Resources busy(team);
  for (const TeamPhase& phase : team.phases) {
    for (const TeamStrand& strand : phase) {
      for (const TeamStep& step : strand) {
        busy.of(step) += occupation(team, step);
      }
    }
  }
  return *std::max_element(busy.all.begin(), busy.all.end());
}

}  // namespace offcut::partition
