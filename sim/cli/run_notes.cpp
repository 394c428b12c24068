#include "sim/cli/run_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/tables/summary_table.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

// If k of n devices get equal shares and the others nothing, Jain's index is k / n: below this, it
// is as if one in ten got nothing.
constexpr double kUnfair = 0.9;

void add_verdicts(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  for (const engine::TierUsage& tier : run.record.tiers) {
    std::string load =
        fmt::format("the offered load is {:.3g} times its capacity", analysis::offered_load(tier));
    if (tier.loading > tier.capacity / 100.0) {
      load += fmt::format(", loading models took {:.0f} % of its time",
                          100 * tier.loading.si() / tier.capacity.si());
    }
    if (tier.verdict == engine::Verdict::overloaded) {
      notes.push_back(
          fmt::format("{} is overloaded: {}; queues grow without end", tier.name, load));
    } else if (tier.verdict == engine::Verdict::backlogged) {
      notes.push_back(fmt::format(
          "{} is backlogged: {}, but up to {} requests waited, and the run ended before they were "
          "served",
          tier.name, load, tier.most_waiting));
    }
  }
}

void add_losses(const analysis::RunSummary& run, std::vector<std::string>& notes) {
  std::vector<std::string> losses;
  const auto add = [&](std::int64_t requests, const std::string& fate) {
    if (requests > 0) {
      losses.push_back(fmt::format("{} {}", requests, fate));
    }
  };
  add(run.late(), "late");
  add(run.record.dropped, "dropped (" + analysis::drops_text(run.record) + ")");
  add(run.fell_back(), "computed by the device alone");
  if (run.late() + run.record.dropped > 0) {
    losses.push_back(fmt::format("{:.4g} answers/s in time", run.goodput()));
  }
  if (!losses.empty()) {
    notes.push_back(fmt::format("of {} requests, {}", run.record.arrived, fmt::join(losses, ", ")));
  }
  if (run.failures() > 0) {
    notes.push_back(
        run.failures() == 1
            ? "one transfer or computation was lost to failures"
            : fmt::format("{} transfers or computations were lost to failures", run.failures()));
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
                     double analysis::LatencySummary::*part) {
  return latency ? to_readable(Seconds((*latency).*part)) : "-";
}

}  // namespace

std::vector<std::string> run_notes(const analysis::RunSummary& run) {
  std::vector<std::string> notes;
  add_verdicts(run, notes);
  add_losses(run, notes);
  add_fairness(run, notes);
  return notes;
}

std::string class_table(const analysis::RunSummary& run) {
  if (run.record.classes.size() < 2) {
    return "";
  }
  TextTable table({"class", ">requests", ">answered", ">late", ">dropped", ">mean", ">p95", ">p99",
                   ">in time/s"});
  table.set_least_important({"answered", "p95"});
  for (std::size_t i = 0; i < run.record.classes.size(); ++i) {
    const engine::ClassUsage& requests = run.record.classes[i];
    const auto& latency = run.class_latency[i];
    table.add({requests.name, fmt::format("{}", requests.arrived),
               fmt::format("{}", requests.completed), fmt::format("{}", requests.late),
               fmt::format("{}", requests.dropped),
               readable(latency, &analysis::LatencySummary::mean),
               readable(latency, &analysis::LatencySummary::p95),
               readable(latency, &analysis::LatencySummary::p99),
               fmt::format("{:.4g}", analysis::goodput(requests, run.record.duration))});
  }
  return table.text();
}

}  // namespace offcut::cli
