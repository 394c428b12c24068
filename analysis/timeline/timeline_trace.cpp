// Puts the requests and spans of a run on the tracks of a trace. Spans that overlap get lanes;
// those of one batch share a lane, one below the other. Arrows go from a request to its spans in
// the order in which these began. Events are written in the order of their times, apart from names
// and counters.

#include "analysis/timeline/timeline_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "analysis/tables/event_log.h"
#include "sim/engine/core/drop_reasons.h"

namespace offcut::analysis {

using engine::Span;

namespace {

const char* to_text(Span::Outcome outcome) {
  switch (outcome) {
    case Span::Outcome::done:
      return "done";
    case Span::Outcome::lost:
      return "lost";
    case Span::Outcome::abandoned:
      return "abandoned";
    case Span::Outcome::unfinished:
      return "unfinished";
  }
  return "";
}

bool computes(const Span& span) { return span.kind == Span::Kind::computation; }

const char* category_of(const Span& span) {
  switch (span.owner) {
    case Span::Owner::request:
      break;
    case Span::Owner::task:
      return "task";
    case Span::Owner::message:
      return "message";
    case Span::Owner::update:
      return "update";
  }
  return computes(span) ? "computation" : "transfer";
}

}  // namespace

TimelineTrace::TimelineTrace(const engine::Simulation& simulation, const TimelineRecords& records,
                             Seconds duration, std::size_t most_moments)
    : simulation_(simulation),
      records_(records),
      duration_(duration),
      most_moments_(most_moments),
      clock_(duration),
      reasons_(engine::drop_reasons(simulation)),
      tracks_(simulation) {}

// --- tracks, lanes and arrows

void TimelineTrace::make_items() {
  for (std::size_t i = 0; i < records_.requests.size(); ++i) {
    const TimelineRequest& request = records_.requests[i];
    const bool has_ended = request.ending != engine::Ending::in_flight;
    items_.push_back({.key = tracks_.of_requests(request.device),
                      .begin = ticks(request.arrival),
                      .end = ticks(has_ended ? request.completion : duration_),
                      .shown = ticks(request.arrival),
                      .batch = -1 - static_cast<std::int64_t>(i),
                      .index = i});
  }
  for (std::size_t i = 0; i < records_.spans.size(); ++i) {
    const Span& span = records_.spans[i].span;
    items_.push_back({.key = tracks_.of_span(span),
                      .begin = ticks(span.begin),
                      .end = ticks(span.end),
                      .shown = ticks(computes(span) ? span.work : span.begin),
                      .batch = records_.spans[i].batch,
                      .index = i});
  }
}

void TimelineTrace::take_lanes() {
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return std::tie(a.key, a.begin, a.batch, a.index) < std::tie(b.key, b.begin, b.batch, b.index);
  });
  const Item* last = nullptr;
  for (Item& item : items_) {
    const bool is_same_batch =
        last != nullptr && last->key == item.key && last->batch == item.batch;
    item.lane =
        is_same_batch ? last->lane : tracks_.take_lane(item.key, item.begin, item.end);
    last = &item;
  }
  for (const TimelineInstant& instant : records_.instants) {
    tracks_.make(instant.is_switch ? tracks_.of_device(instant.device)
                                   : tracks_.of_event(instant.event));
  }
}

/// Marks the ends of the arrows of each request, and sorts the items by time.
void TimelineTrace::draw_arrows() {
  const auto order = [&](const Item& item) {
    return std::tuple(!belongs_to_request(item), number_of(item), !item.is_request(), item.shown,
                      item.index);
  };
  std::sort(items_.begin(), items_.end(),
            [&](const Item& a, const Item& b) { return order(a) < order(b); });
  for (std::size_t i = 1; i < items_.size() && belongs_to_request(items_[i]); ++i) {
    Item& before = items_[i - 1];
    if (items_[i].is_request() || number_of(before) != number_of(items_[i])) {
      continue;
    }
    before.flow = before.is_request() ? 's' : 't';
    items_[i].flow = 'f';
  }
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return std::tuple(a.shown, !a.is_request(), a.index) <
           std::tuple(b.shown, !b.is_request(), b.index);
  });
}

// --- events

std::string TimelineTrace::class_name(std::size_t request_class) const {
  return request_class < simulation_.classes.size() ? simulation_.classes[request_class].name : "";
}

std::string TimelineTrace::name_of(const Span& span) const {
  std::string name;
  switch (span.owner) {
    case Span::Owner::request:
      name = simulation_.classes.size() > 1
                 ? fmt::format("{} #{}", class_name(span.request_class), span.number)
                 : fmt::format("#{}", span.number);
      break;
    case Span::Owner::task:
      name = fmt::format("task {}", span.number);
      break;
    case Span::Owner::message:
      name = fmt::format("message {}", span.number);
      break;
    case Span::Owner::update:
      name = fmt::format("update {}", span.number);
      break;
  }
  if (!computes(span)) {
    return name + (span.up ? " up" : " down");
  }
  return span.layers.empty() ? name : fmt::format("{} {}", name, span.layers);
}

void TimelineTrace::write_request(const Item& item, TraceFile& file) const {
  const TimelineRequest& request = records_.requests[item.index];
  const TraceFile::Track track = tracks_.thread(item.key, item.lane);
  const bool was_dropped = request.ending == engine::Ending::dropped;
  const std::string outcome = was_dropped ? "dropped: " + reasons_[request.reason]
                              : request.ending == engine::Ending::completed ? "completed"
                                                                            : "in flight";
  TraceArguments arguments;
  arguments.add("request", request.number)
      .add("class", class_name(request.request_class))
      .add("device", static_cast<std::int64_t>(request.device))
      .add("outcome", outcome)
      .add("plan", request.plan ? fmt::format("{} {}", plan_, *request.plan) : plan_)
      .add("arrival_s", request.arrival);
  if (request.ending == engine::Ending::completed) {
    arguments.add("latency_s", request.completion - request.arrival);
  }
  if (request.failures > 0) {
    arguments.add("failures", std::int64_t{request.failures});
  }
  if (request.fell_back) {
    arguments.add("fell_back", std::int64_t{1});
  }
  const std::string name = name_of(
      Span{.kind = Span::Kind::computation, .number = request.number,
           .request_class = request.request_class});
  file.span(track, item.begin, item.end, name, "request", arguments);
  if (item.flow != ' ') {
    file.flow(track, item.begin, item.flow, request.number);
  }
  if (was_dropped) {
    file.instant(track, item.end, outcome, "drop",
                 TraceArguments().add("request", request.number));
  }
}

void TimelineTrace::write_span(const Item& item, TraceFile& file) const {
  const Span& span = records_.spans[item.index].span;
  const TraceFile::Track track = tracks_.thread(item.key, item.lane);
  const char* category = category_of(span);
  // A message may have left before the end of the run and arrive after it.
  const bool is_late = span.outcome == Span::Outcome::done && span.end > duration_;
  TraceArguments arguments;
  arguments.add(span.owner == Span::Owner::request ? "request" : category, span.number);
  if (span.owner == Span::Owner::request) {
    arguments.add("class", class_name(span.request_class));
  }
  arguments.add("outcome", to_text(is_late ? Span::Outcome::unfinished : span.outcome))
      .add("attempt", std::int64_t{span.failures} + 1)
      .add("wait_s", span.wait);
  if (computes(span)) {
    if (!span.layers.empty()) {
      arguments.add("layers", span.layers);
    }
    arguments.add("batch", static_cast<std::int64_t>(span.batch)).add("compute_s", span.service);
    if (item.shown > item.begin) {
      file.span(track, item.begin, item.shown, "model loads", "loading",
                TraceArguments().add(span.owner == Span::Owner::request ? "request" : category,
                                     span.number));
    }
  } else {
    arguments.add("bytes", static_cast<std::int64_t>(span.bytes.si()))
        .add("transfer_s", span.end - span.begin)
        .add("latency_s", span.end - span.left);
    if (span.work > span.begin) {
      arguments.add("promotion_s", span.work - span.begin);
    }
  }
  file.span(track, item.shown, item.end, name_of(span), category, arguments);
  if (item.flow != ' ') {
    file.flow(track, item.shown, item.flow, span.number);
  }
}

void TimelineTrace::write_instants(TraceFile& file) const {
  for (const TimelineInstant& instant : records_.instants) {
    TraceArguments arguments;
    if (instant.is_switch) {
      arguments.add("class", class_name(instant.request_class))
          .add("from", instant.from_text)
          .add("to", instant.to_text);
      file.instant(tracks_.thread(tracks_.of_device(instant.device)), ticks(instant.time),
                   fmt::format("plan {} to {}", instant.from, instant.to), "switch", arguments);
      continue;
    }
    const engine::RunEvent& event = instant.event;
    arguments.add("which", static_cast<std::int64_t>(event.which));
    file.instant(tracks_.thread(tracks_.of_event(event)), ticks(instant.time),
                 event_name(event.kind), "event", arguments);
  }
}

// --- counters

void TimelineTrace::write_row(const engine::SampleRow& row, TraceFile& file) const {
  using Part = engine::SampleRow::Part;
  const std::int64_t time = ticks(row.time);
  constexpr double kMbit = 8e-6;  // Of a byte.
  if (row.part == Part::all) {
    file.counter(TimelineTracks::process(tracks_.of_run()), time, "requests in flight",
                 static_cast<double>(row.present));
    return;
  }
  if (row.part == Part::tier) {
    const std::int64_t process = TimelineTracks::process(tracks_.of_machine(row.number, 0));
    file.counter(process, time, "waiting", static_cast<double>(row.waiting.value_or(0)));
    file.counter(process, time, "busy cores", static_cast<double>(row.busy.value_or(0)));
    if (row.machines) {
      file.counter(process, time, "machines", static_cast<double>(*row.machines));
    }
    return;
  }
  const std::int64_t process = TimelineTracks::process(tracks_.of_link(row.number, 0, true));
  file.counter(process, time, "messages", static_cast<double>(row.present));
  const engine::Link& link = simulation_.hops[row.number];
  file.counter(process, time, "Mbit/s up",
               row.rate_up.value_or(BytesPerSecond(link.hop.rate(true))).si() * kMbit);
  file.counter(process, time, "Mbit/s down",
               row.rate_down.value_or(BytesPerSecond(link.hop.rate(false))).si() * kMbit);
}

/// Returns the number of moments that it writes.
std::size_t TimelineTrace::write_counters(TraceFile& file) const {
  const Seconds apart = duration_ / static_cast<double>(std::max<std::size_t>(most_moments_, 1));
  std::size_t moments = 0;
  Seconds next(0);
  bool is_written = false;
  for (const engine::SampleRow& row : records_.samples) {
    if (row.part == engine::SampleRow::Part::all) {
      is_written = row.time >= next;
      next = is_written ? row.time + apart : next;
      moments += is_written ? 1 : 0;
    }
    if (is_written) {
      write_row(row, file);
    }
  }
  return moments;
}

TimelineBytes TimelineTrace::write(const std::string& path, const TimelineAbout& about) {
  plan_ = about.plan;
  make_items();
  take_lanes();
  draw_arrows();
  TraceFile file(path, clock_);
  TimelineBytes bytes;
  auto count = [&, before = std::int64_t{0}](TimelineOwner owner) mutable {
    bytes.by_owner[static_cast<std::size_t>(owner)] += file.bytes() - before;
    before = file.bytes();
  };
  tracks_.write(file);
  count(TimelineOwner::request);
  write_instants(file);
  count(TimelineOwner::instant);
  for (const Item& item : items_) {
    item.is_request() ? write_request(item, file) : write_span(item, file);
    count(item.is_request() ? TimelineOwner::request : owner_of(records_.spans[item.index].span));
  }
  const std::size_t moments = write_counters(file);
  count(TimelineOwner::moment);
  TraceArguments data;
  data.add("program", "offcut")
      .add("scenario", about.scenario)
      .add("seed", about.seed)
      .add("plan", about.plan)
      .add("duration_s", duration_)
      .add("kept", about.kept)
      .add("moments", static_cast<std::int64_t>(moments));
  for (std::size_t owner = 0; owner < kTimelineOwners; ++owner) {
    static constexpr std::array<const char*, kTimelineOwners> kNames = {
        "requests", "tasks", "messages", "updates", "events", "samples"};
    const StepSample& sample = records_.sampling[owner];
    data.add(kNames[owner], sample.seen())
        .add(fmt::format("{}_step", kNames[owner]), sample.step());
  }
  file.close(data);
  bytes.all = file.bytes();
  return bytes;
}

}  // namespace offcut::analysis
