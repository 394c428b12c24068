// The notes below the table of a run, and the table of its classes. They say what the means do not:
// which resource is saturated, which requests the means leave out, and what the run did not take
// into account.

#include "sim/cli/run_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/statistics/bottleneck.h"
#include "analysis/tables/summary_table.h"
#include "models/base/readable.h"
#include "sim/cli/text_table.h"
#include "sim/experiment/plan_notes.h"

namespace offcut::cli {
namespace {

// If k of n devices get equal shares and the others nothing, Jain's index is k / n: below this, it
// is as if one in ten got nothing.
constexpr double kUnfair = 0.9;

/// Returns ", on 3 of 10 links" if some, but not all, have too much load by themselves.
std::string parts_text(const analysis::JudgedResource& resource) {
  return resource.parts_saturated > 0 &&
                 resource.parts_saturated < static_cast<std::int64_t>(resource.parts)
             ? fmt::format(", on {} of {}", resource.parts_saturated,
                           counted(resource.parts, resource.tier != nullptr ? "queue" : "link"))
             : "";
}

std::string loading_text(const engine::TierUsage& tier) {
  return tier.loading > tier.capacity / 100.0
             ? fmt::format(", loading models took {:.0f} % of its time",
                           100 * tier.loading.si() / tier.capacity.si())
             : "";
}

std::string load_text(const analysis::JudgedResource& resource) {
  if (resource.load == 0) {
    return "all that it was offered came at once";
  }
  return fmt::format("the offered load is {} times its capacity{}{}", significant(resource.load, 3),
                     parts_text(resource),
                     resource.tier != nullptr ? loading_text(*resource.tier) : "");
}

std::string backlog_text(const analysis::JudgedResource& resource) {
  std::string text = fmt::format(
      "up to {} waited", counted(resource.most, resource.tier != nullptr ? "request" : "message"));
  if (resource.left > 0) {
    text += fmt::format(", and {} {} there when the run was stopped", resource.left,
                        resource.left == 1 ? "was" : "were");
  }
  return text;
}

/// Names the bottleneck, and whatever else is overloaded. Where something is overloaded, the rest
/// only has a backlog because of it, as a tier has after a saturated link.
void add_verdicts(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  const std::vector<analysis::JudgedResource> saturated = analysis::saturated_resources(run.record);
  for (const analysis::JudgedResource& resource : saturated) {
    const bool is_first = &resource == &saturated.front();
    if (resource.stranded > 0) {
      notes.push_back(
          fmt::format("{} is {}{}: {} waited for {} when the run was stopped, which "
                      "was down",
                      resource.name, analysis::verdict_text(resource.verdict),
                      is_first ? " and the bottleneck" : "",
                      counted(resource.stranded, resource.tier != nullptr ? "request" : "message"),
                      resource.tier != nullptr ? "a machine" : "a link"));
    } else if (resource.verdict == engine::Verdict::overloaded) {
      notes.push_back(fmt::format("{} is overloaded{}: {}; queues grow without end", resource.name,
                                  is_first ? " and the bottleneck" : "", load_text(resource)));
    } else if (is_first) {
      notes.push_back(fmt::format("{} is backlogged and the bottleneck: {}, but {}", resource.name,
                                  load_text(resource), backlog_text(resource)));
    }
  }
}

/// Returns " (20 s old in the mean, the oldest 41 s, 60 past their deadlines)".
std::string ages_text(const engine::RunRecord& record) {
  const double count = std::max(1.0, static_cast<double>(record.in_flight));
  return fmt::format(
      " ({} old in the mean, the oldest {}{})", to_readable(record.in_flight_age / count),
      to_readable(record.oldest_in_flight),
      record.in_flight_late > 0
          ? fmt::format(", {} past {}", record.in_flight_late,
                        record.in_flight_late == 1 ? "its deadline" : "their deadlines")
          : "");
}

void add_losses(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  std::vector<std::string> losses;
  const auto add = [&](std::int64_t requests, const std::string& fate) {
    if (requests > 0) {
      losses.push_back(fmt::format("{} {}", requests, fate));
    }
  };
  add(run.late(), "late");
  add(run.record.in_flight, "in flight at the end" + ages_text(run.record));
  add(run.record.dropped, "dropped (" + analysis::drops_text(run.record) + ")");
  add(run.fell_back(), "computed by the device alone");
  if (run.late() + run.record.dropped > 0) {
    losses.push_back(significant(run.goodput(), 4) + " answers/s in time");
  }
  if (!losses.empty()) {
    notes.push_back(
        fmt::format("of {}, {}", counted(run.record.arrived, "request"), fmt::join(losses, ", ")));
  }
  if (run.failures() > 0) {
    notes.push_back(
        run.failures() == 1
            ? "one transfer or computation was lost to failures"
            : fmt::format("{} transfers or computations were lost to failures", run.failures()));
  }
}

/// Arrivals that come to an end, such as those of a trace, may be fewer than the run was to have.
void add_missing_arrivals(const experiment::Experiment& experiment, const analysis::RunSummary& run,
                          std::vector<std::string>& notes) {
  const std::optional<std::int64_t>& expected = experiment.scenario.stop.requests;
  if (expected && run.record.arrived < *expected) {
    notes.push_back(fmt::format("the arrivals ended after {}, before the {} of stop.requests",
                                counted(run.record.arrived, "request"), *expected));
  }
}

void add_batteries(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  const engine::BatteryUsage& batteries = run.record.batteries;
  if (batteries.empty > 0) {
    notes.push_back(
        fmt::format("{} of {} {} empty, the first after {}; a device with an empty battery asks "
                    "nothing more",
                    batteries.empty, counted(batteries.devices, "battery", "batteries"),
                    batteries.empty == 1 ? "was" : "were", to_readable(batteries.first_empty)));
  }
}

void add_fairness(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  if (run.record.fairness < kUnfair) {
    notes.push_back(
        fmt::format("the share of requests answered in time differs between devices (Jain's index "
                    "{:.2f})",
                    run.record.fairness));
  }
  if (run.record.latency_fairness < kUnfair) {
    notes.push_back(fmt::format("mean latency differs between devices (Jain's index {:.2f})",
                                run.record.latency_fairness));
  }
}

std::string readable(const std::optional<analysis::LatencySummary>& latency,
                     double analysis::LatencySummary::*part, const std::string& mark) {
  return latency ? to_readable(Seconds((*latency).*part)) + mark : "-";
}

/// Notes why the mean has no interval. A run that is not stable has a note of its own.
void add_missing_interval(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  if (run.latency && !run.steady.mean && analysis::verdict(run.record) == engine::Verdict::stable) {
    notes.push_back("too short for an interval: " + run.steady.too_short);
  }
}

}  // namespace

std::string mark_of_part(std::int64_t answered, std::int64_t arrived) {
  return answered < arrived ? "*" : "";
}

namespace {

/// Notes the traces that end before the run.
void add_ended_traces(const scenario::Scenario& scenario, Seconds duration,
                      std::vector<std::string>& notes) {
  using Loop = scenario::TraceChoice::Loop;
  const auto add = [&](const std::optional<scenario::TraceChoice>& trace, Seconds end) {
    if (trace && end < duration) {
      const bool several = trace->draws_offset || trace->offsets.size() > 1 ||
                           std::max(trace->up.size(), trace->down.size()) > 1;
      notes.push_back(fmt::format("{}{} ends after {} of the run, which takes {}: {}",
                                  several ? "the first trace of " : "", trace->path,
                                  to_readable(end), to_readable(duration),
                                  trace->loop == Loop::repeat ? "the trace begins again"
                                  : trace->loop == Loop::hold ? "its last row holds from then on"
                                                              : "the link is down from then on"));
    }
  };
  for (const scenario::HopChoice& hop : scenario.hops) {
    add(hop.trace, hop.trace_ends);
    add(hop.site_trace, hop.site_trace_ends);
  }
}

}  // namespace

std::vector<std::string> run_notes(const experiment::Experiment& experiment,
                                   const analysis::RunSummary& run) {
  std::vector<std::string> notes;
  if (!run.has_run()) {
    return notes;
  }
  add_verdicts(run, notes);
  for (const std::string& note : experiment::plan_notes(experiment, run.plans)) {
    notes.push_back(note);
  }
  add_missing_arrivals(experiment, run, notes);
  add_losses(run, notes);
  add_ended_traces(experiment.scenario, run.record.duration, notes);
  add_batteries(run, notes);
  add_fairness(run, notes);
  add_missing_interval(run, notes);
  return notes;
}

namespace {

/// Returns the table of classes, or of groups of devices, under this heading.
std::string usage_table(const std::string& heading, const std::vector<engine::ClassUsage>& usages,
                        const std::vector<std::optional<analysis::LatencySummary>>& latencies,
                        Seconds duration) {
  if (usages.size() < 2) {
    return "";
  }
  TextTable table({heading, ">requests", ">answered", ">late", ">dropped", ">mean", ">p95", ">p99",
                   ">in time/s"});
  table.set_least_important({"answered", "p95"});
  bool is_marked = false;
  for (std::size_t i = 0; i < usages.size(); ++i) {
    const engine::ClassUsage& requests = usages[i];
    const auto& latency = latencies[i];
    const std::string mark = mark_of_part(requests.completed, requests.arrived);
    is_marked |= latency && !mark.empty();
    table.add({requests.name, fmt::format("{}", requests.arrived),
               fmt::format("{}", requests.completed), fmt::format("{}", requests.late),
               fmt::format("{}", requests.dropped),
               readable(latency, &analysis::LatencySummary::mean, mark),
               readable(latency, &analysis::LatencySummary::p95, mark),
               readable(latency, &analysis::LatencySummary::p99, mark),
               significant(analysis::goodput(requests, duration), 4)});
  }
  return table.text() +
         (is_marked ? "* of those that were answered: see the columns requests and answered\n"
                    : "");
}

}  // namespace

std::string class_table(const analysis::RunSummary& run) {
  return usage_table("class", run.record.classes, run.class_latency, run.record.duration);
}

std::string group_table(const analysis::RunSummary& run) {
  return usage_table("group", run.record.groups, run.group_latency, run.record.duration);
}

}  // namespace offcut::cli
