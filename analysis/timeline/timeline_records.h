#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timeline/timeline_sample.h"
#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// The kinds of things that a timeline samples. The first four are those of engine::Span::Owner.
enum class TimelineOwner : std::uint8_t { request, task, message, update, instant, moment };
inline constexpr std::size_t kTimelineOwners = 6;

/// A request that has ended, or was in flight at the end.
struct TimelineRequest {
  std::int64_t number = 0;
  std::size_t device = 0;
  std::size_t request_class = 0;
  engine::Ending ending = engine::Ending::in_flight;
  engine::DropReason reason = 0;
  std::uint16_t failures = 0;
  bool fell_back = false;
  std::optional<std::size_t> plan;  // Where plans change.
  Seconds arrival, completion;
};

/// A span, and the number of the batch that it belongs to.
struct TimelineSpan {
  engine::Span span;
  std::int64_t batch = 0;
};

/// An event, or the switch of a plan.
struct TimelineInstant {
  std::int64_t number = 0;
  Seconds time;
  bool is_switch = false;
  engine::RunEvent event = {};  // Unless it is a switch.
  // Of a switch:
  std::size_t device = 0;
  std::size_t request_class = 0;
  std::size_t from = 0, to = 0;
  std::string from_text = {}, to_text = {};
};

/// All that a timeline keeps of a run.
struct TimelineRecords {
  std::vector<TimelineRequest> requests;
  std::vector<TimelineSpan> spans;
  std::vector<TimelineInstant> instants;
  std::vector<engine::SampleRow> samples;  // Moment by moment.
  std::array<StepSample, kTimelineOwners> sampling;

  StepSample& sample_of(TimelineOwner owner) {
    return sampling[static_cast<std::size_t>(owner)];
  }
  const StepSample& sample_of(TimelineOwner owner) const {
    return sampling[static_cast<std::size_t>(owner)];
  }
};

inline TimelineOwner owner_of(const engine::Span& span) {
  return static_cast<TimelineOwner>(span.owner);
}

}  // namespace offcut::analysis
