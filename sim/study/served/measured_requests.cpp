// Turns the times that nodes noted into the record of a request, so that requests.csv of a real run
// and of a simulated one have the same columns and meaning.

#include "sim/study/served/measured_requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::study {
namespace {

engine::Simulation simulation_of(const ServedSystem& system) {
  engine::Simulation simulation;
  for (const std::string& name : system.tiers) {
    simulation.tiers.emplace_back().name = name;
  }
  for (const std::string& name : system.hops) {
    simulation.hops.emplace_back().name = name;
  }
  return simulation;
}

/// The times that a tier noted, by column.
struct NotedTime {
  const char* column;
  Seconds runtime::TierTimes::*time;
};
constexpr NotedTime kNotedTimes[] = {
    {"first_byte_s", &runtime::TierTimes::first_byte},
    {"last_byte_s", &runtime::TierTimes::last_byte},
    {"start_s", &runtime::TierTimes::start},
    {"end_s", &runtime::TierTimes::end},
    {"sent_s", &runtime::TierTimes::sent},
    {"answer_first_s", &runtime::TierTimes::answer_first},
    {"answer_last_s", &runtime::TierTimes::answer_last},
};

std::vector<std::string> further_columns(const ServedSystem& system) {
  std::vector<std::string> columns = {"cut"};
  for (const std::string& tier : system.tiers) {
    for (const NotedTime& noted : kNotedTimes) {
      columns.push_back(fmt::format("{}.{}", tier, noted.column));
    }
    columns.push_back(tier + ".batch");
  }
  return columns;
}

Seconds at_least_0(Seconds time) { return std::max(time, Seconds(0)); }

/// Returns what a run's requests.csv says of the end of a request.
std::string outcome_of(const runtime::CallEnd& end) {
  switch (end.how) {
    case runtime::CallEnd::How::answered:
      return "completed";
    case runtime::CallEnd::How::interrupted:
      return "in flight";
    default:
      return "dropped: " + end.result.reason;
  }
}

/// Divides the way over later tiers. Returns all of it but the way back over the first hop.
Seconds divide_way(const runtime::CallTimes& times, MeasuredParts& parts) {
  Seconds known;
  Seconds left = times.send_begins;  // When the message left the tier before.
  for (std::size_t i = 0; i < times.later.size(); ++i) {
    const runtime::TierTimes& tier = times.later[i];
    engine::HopPart& hop = parts.hops[i];
    hop.up = at_least_0(tier.last_byte - left);
    if (i > 0) {
      hop.down = at_least_0(times.later[i - 1].answer_last - tier.end);
    }
    engine::TierPart& own = parts.tiers[i + 1];
    own.wait = at_least_0(tier.start - tier.last_byte);
    own.compute = at_least_0(tier.end - tier.start);
    if (tier.batch > 0) {
      own.server = static_cast<std::int64_t>(tier.server);
    }
    known += hop.up + hop.down + own.wait + own.compute;
    left = tier.end;
  }
  return known;
}

}  // namespace

MeasuredParts parts_of(const runtime::LoadedCall& call, Seconds start, std::size_t tiers) {
  const runtime::CallTimes& times = call.end.times;
  MeasuredParts parts;
  parts.tiers.resize(tiers);
  parts.hops.resize(std::max<std::size_t>(tiers, 1) - 1);
  engine::RequestRecord& record = parts.record;
  using How = runtime::CallEnd::How;
  record.request = call.number;
  record.input = call.input;
  record.ending = call.end.how == How::answered      ? engine::Ending::completed
                  : call.end.how == How::interrupted ? engine::Ending::in_flight
                                                     : engine::Ending::dropped;
  record.failures = static_cast<std::uint16_t>(times.failures);
  record.fell_back = times.fell_back;
  record.arrival = times.own.first_byte - start;
  record.completion = times.completion - start;
  if (times.own.sent != Seconds()) {
    record.sent = times.own.sent - start;
  }
  if (!record.completed()) {
    return parts;
  }
  record.device_compute = times.computed;
  record.lost = times.lost;
  if (times.later.empty() || times.fell_back || times.later.size() > parts.hops.size()) {
    record.device_wait = record.latency() - record.device_compute - record.lost;
  } else {
    record.device_wait = at_least_0(times.own.start - times.own.first_byte);
    record.upload_wait = at_least_0(times.send_begins - times.own.end - times.lost);
    const Seconds way = divide_way(times, parts);
    parts.hops.front().down = record.latency() - record.device_wait - record.device_compute -
                              record.lost - record.upload_wait - way;
    record.upload_bytes = Bytes(static_cast<double>(times.up_bytes));
    record.download_bytes = Bytes(static_cast<double>(times.down_bytes));
  }
  parts.tiers.front() = {record.device_wait, record.device_compute, 0};
  for (std::size_t i = 0; i < parts.hops.size(); ++i) {
    record.upload += parts.hops[i].up;
    record.download += parts.hops[i].down;
    record.server_wait += parts.tiers[i + 1].wait;
    record.server_compute += parts.tiers[i + 1].compute;
  }
  return parts;
}

MeasuredRequests::MeasuredRequests(const std::string& path, const ServedSystem& system,
                                   Seconds start, std::string class_name)
    : simulation_(simulation_of(system)),
      start_(start),
      class_name_(std::move(class_name)),
      table_(path, simulation_, std::nullopt, false, further_columns(system)) {}

void MeasuredRequests::add(const runtime::LoadedCall& call) {
  const runtime::CallTimes& times = call.end.times;
  const std::size_t tiers = simulation_.tiers.size();
  const MeasuredParts parts = parts_of(call, start_, tiers);
  const std::string outcome = outcome_of(call.end);
  const bool has_messages = parts.record.upload_bytes > Bytes(0);
  static const std::optional<runtime::Prediction> kNoPrediction;
  std::vector<std::optional<double>> further = {static_cast<double>(times.cut)};
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    const runtime::TierTimes* noted = tier == 0                       ? &times.own
                                      : tier - 1 < times.later.size() ? &times.later[tier - 1]
                                                                      : nullptr;
    for (const NotedTime& column : kNotedTimes) {
      further.push_back(noted != nullptr && noted->*column.time != Seconds()
                            ? std::optional((noted->*column.time - start_).si())
                            : std::nullopt);
    }
    further.push_back(noted != nullptr ? std::optional<double>(noted->batch) : std::nullopt);
  }
  table_.add(
      {.request = parts.record,
       .outcome = outcome,
       .class_name = class_name_,
       .group_name = {},
       .messages = has_messages ? std::optional(analysis::MessageBytes{parts.record.upload_bytes,
                                                                       parts.record.download_bytes})
                                : std::nullopt,
       .prediction = kNoPrediction,
       .exit = {},
       .parts = {parts.tiers, parts.hops}},
      further);
}

}  // namespace offcut::study
