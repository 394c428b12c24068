// Keeps a bounded sample of what a run does. When there is too much, the kind that takes most room
// is thinned to every second of those that are left. The file is written at the end, event by
// event; if it gets too large, the sample is thinned and the file written again.

#include "analysis/timeline/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/timeline/timeline_trace.h"

namespace offcut::analysis {
namespace {

/// The first interval of samples, and the number after which it doubles: a run whose length is not
/// known has some hundreds of them in its second half.
constexpr Seconds kFirstInterval{1e-5};
constexpr std::size_t kSamplesPerInterval = 512;

std::string ordinal(std::int64_t step) {
  const std::int64_t last = step % 10;
  const bool is_teen = step % 100 >= 11 && step % 100 <= 13;
  return fmt::format("{}{}", step,
                     is_teen || last == 0 || last > 3 ? "th"
                     : last == 1                      ? "st"
                     : last == 2                      ? "nd"
                                                      : "rd");
}

}  // namespace

Timeline::Timeline(const engine::Simulation& simulation, TimelineSubject subject, PlanOf plan_of,
                   Limits limits)
    : simulation_(simulation),
      subject_(std::move(subject)),
      plan_of_(std::move(plan_of)),
      limits_(limits),
      attachment_(engine::attachment_of(simulation.tiers, simulation.hops, simulation.groups)) {}

Timeline::Timeline(const engine::Simulation& simulation, TimelineSubject subject, PlanOf plan_of)
    : Timeline(simulation, std::move(subject), std::move(plan_of), Limits()) {}

void Timeline::observe(engine::Observers& observers) {
  observers.request = [this, others = observers.request](const engine::RequestRecord& request) {
    others ? others(request) : void();
    add(request);
  };
  observers.span = [this](const engine::Span& span) { add(span); };
  if (!observers.sample) {
    observers.sample = [this](const engine::SampleRow& sample) { add(sample); };
    observers.sample_interval = kFirstInterval;
    observers.samples_per_interval = kSamplesPerInterval;
    observers.samples_power = false;
  }
}

void Timeline::add(const engine::RequestRecord& request) {
  if (!records_.sample_of(TimelineOwner::request).keeps(request.request)) {
    return;
  }
  records_.requests.push_back(
      {.number = request.request,
       .device = request.device,
       .request_class = request.request_class,
       .ending = request.ending,
       .reason = request.reason,
       .failures = request.failures,
       .fell_back = request.fell_back,
       .plan = plan_of_ ? std::optional(plan_of_(request).plan) : std::nullopt,
       .arrival = request.arrival,
       .completion = request.completion});
  shrink();
}

void Timeline::add(const engine::Span& span) {
  batches_ += span.position == 0 ? 1 : 0;
  if (records_.sample_of(owner_of(span)).keeps(span.number)) {
    records_.spans.push_back({span, batches_});
    shrink();
  }
}

void Timeline::add(const engine::RunEvent& event) {
  StepSample& sample = records_.sample_of(TimelineOwner::instant);
  const std::int64_t number = sample.seen();
  if (sample.keeps(number)) {
    records_.instants.push_back({.number = number, .time = event.time, .event = event});
    shrink();
  }
}

void Timeline::add(const experiment::PlanSwitch& change) {
  StepSample& sample = records_.sample_of(TimelineOwner::instant);
  const std::int64_t number = sample.seen();
  if (sample.keeps(number)) {
    records_.instants.push_back({.number = number,
                                 .time = change.time,
                                 .is_switch = true,
                                 .device = change.device,
                                 .request_class = change.request_class,
                                 .from = change.from,
                                 .to = change.to,
                                 .from_text = change.from_text,
                                 .to_text = change.to_text});
    shrink();
  }
}

void Timeline::add(const engine::SampleRow& sample) {
  StepSample& moments = records_.sample_of(TimelineOwner::moment);
  // A moment begins with the row of all requests.
  const bool is_new = sample.part == engine::SampleRow::Part::all;
  const std::int64_t number = moments.seen() - (is_new ? 0 : 1);
  if (moments.keeps(number)) {
    records_.samples.push_back(sample);
    shrink();
  }
}

/// Thins what is kept until it has its bounds.
void Timeline::shrink() {
  if (records_.instants.size() > limits_.instants) {
    forget(TimelineOwner::instant);
  }
  if (records_.samples.size() > limits_.samples) {
    forget(TimelineOwner::moment);
  }
  while (records_.requests.size() + records_.spans.size() > limits_.records) {
    std::array<std::int64_t, kTimelineOwners> counts{};
    counts[static_cast<std::size_t>(TimelineOwner::request)] =
        static_cast<std::int64_t>(records_.requests.size());
    for (const TimelineSpan& span : records_.spans) {
      ++counts[static_cast<std::size_t>(owner_of(span.span))];
    }
    const auto most = largest(counts);
    if (!most) {
      return;  // One request alone has that many spans.
    }
    forget(*most);
  }
}

/// Returns the kind with the largest part that can shrink; none if none can.
std::optional<TimelineOwner> Timeline::largest(
    const std::array<std::int64_t, kTimelineOwners>& parts) const {
  std::optional<std::size_t> most;
  for (std::size_t owner = 0; owner < kTimelineOwners; ++owner) {
    const bool can_shrink = records_.sampling[owner].can_halve() && parts[owner] > 0;
    most = can_shrink && (!most || parts[owner] > parts[*most]) ? owner : most;
  }
  return most ? std::optional(static_cast<TimelineOwner>(*most)) : std::nullopt;
}

/// Forgets every second thing of a kind.
void Timeline::forget(TimelineOwner owner) {
  StepSample& sample = records_.sample_of(owner);
  sample.halve();
  if (owner == TimelineOwner::instant) {
    std::erase_if(records_.instants, [&](const TimelineInstant& instant) {
      return !sample.has(instant.number);
    });
  } else if (owner == TimelineOwner::moment) {
    std::int64_t moment = -1;
    std::erase_if(records_.samples, [&](const engine::SampleRow& row) {
      moment += row.part == engine::SampleRow::Part::all ? 1 : 0;
      return moment % 2 != 0;  // They were every one of a step.
    });
  } else {
    std::erase_if(records_.spans, [&](const TimelineSpan& span) {
      return owner_of(span.span) == owner && !sample.has(span.span.number);
    });
    if (owner == TimelineOwner::request) {
      std::erase_if(records_.requests, [&](const TimelineRequest& request) {
        return !sample.has(request.number);
      });
    }
  }
}

std::string Timeline::kept_text() const {
  static constexpr std::array<const char*, kTimelineOwners> kNouns = {
      "requests", "tasks", "messages of the controller", "updates", "events", ""};
  std::string text;
  for (std::size_t owner = 0; owner < kTimelineOwners; ++owner) {
    const StepSample& sample = records_.sampling[owner];
    if (sample.seen() > 0 && owner != static_cast<std::size_t>(TimelineOwner::moment)) {
      text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ",
                          sample.step() == 1 ? "all" : "every " + ordinal(sample.step()) + " of",
                          sample.seen(), kNouns[owner]);
    }
  }
  return text;
}

std::string Timeline::write(const std::string& path, Seconds duration) {
  const auto write_to = [&](const std::string& file) {
    return TimelineTrace(simulation_, records_, duration, limits_.moments)
        .write(file, {.scenario = subject_.scenario,
                      .seed = static_cast<std::int64_t>(subject_.seed),
                      .plan = subject_.plan,
                      .kept = kept_text()});
  };
  for (;;) {  // Without a file, since that may be a pipe.
    const TimelineBytes bytes = write_to("");
    const auto most = largest(bytes.by_owner);
    if (bytes.all <= limits_.bytes || !most) {
      break;
    }
    forget(*most);
  }
  write_to(path);
  return kept_text();
}

}  // namespace offcut::analysis
