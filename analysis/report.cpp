#include "analysis/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "analysis/csv_writer.h"

namespace offcut {
namespace {

void write_latencies(CsvWriter& row, const std::optional<LatencySummary>& latency) {
  const auto field = [&](double LatencySummary::*part) {
    latency ? row.number((*latency).*part) : row.empty();
  };
  field(&LatencySummary::mean);
  field(&LatencySummary::p50);
  field(&LatencySummary::p90);
  field(&LatencySummary::p95);
  field(&LatencySummary::p99);
  field(&LatencySummary::max);
}

void write_parts(CsvWriter& row, const std::optional<LatencySummary>& latency) {
  for (const auto part :
       {&LatencySummary::device_wait, &LatencySummary::device_compute, &LatencySummary::upload_wait,
        &LatencySummary::upload, &LatencySummary::server_wait, &LatencySummary::server_compute,
        &LatencySummary::download}) {
    latency ? row.number((*latency).*part) : row.empty();
  }
}

/// Each codec once, in alphabetical order.
std::string codecs_text(const CodecOf& codecs) {
  std::set<std::string> names;
  for (const auto& [tensor, codec] : codecs) {
    names.insert(codec);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

void write_summary_row(CsvWriter& row, const Scenario& scenario, const RunSummary& run) {
  const RunRecord& record = run.record;
  row.text(scenario.name).integer(static_cast<std::int64_t>(scenario.seed)).text(run.algorithm);
  if (!run.declined.empty()) {
    for (int i = 0; i < 15; ++i) {
      row.empty();
    }
    row.text("declined: " + run.declined);
    for (int i = 0; i < 9; ++i) {
      row.empty();
    }
    row.end_row();
    return;
  }
  row.integer(record.arrived)
      .integer(record.completed)
      .integer(record.dropped)
      .integer(record.in_flight);
  row.number(record.duration).number(run.throughput());
  write_latencies(row, run.latency);
  row.number(record.hops.empty() ? Bytes(0) : record.hops.front().up);
  row.number(record.hops.empty() ? Bytes(0) : record.hops.front().down);
  row.optional(run.accuracy());
  row.text("completed").number(run.plan.cost.latency());
  write_parts(row, run.latency);
  row.text(codecs_text(run.plan.codecs));
  row.end_row();
}

void write_summary(const Scenario& scenario, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  CsvWriter file(path, {"scenario",
                        "seed",
                        "algorithm",
                        "requests_arrived",
                        "requests_completed",
                        "requests_dropped",
                        "requests_in_flight",
                        "duration_s",
                        "throughput_per_s",
                        "latency_mean_s",
                        "latency_p50_s",
                        "latency_p90_s",
                        "latency_p95_s",
                        "latency_p99_s",
                        "latency_max_s",
                        "upload_bytes",
                        "download_bytes",
                        "accuracy",
                        "outcome",
                        "planned_latency_s",
                        "device_wait_mean_s",
                        "device_compute_mean_s",
                        "upload_wait_mean_s",
                        "upload_mean_s",
                        "server_wait_mean_s",
                        "server_compute_mean_s",
                        "download_mean_s",
                        "codec"});
  for (const RunSummary& run : runs) {
    write_summary_row(file, scenario, run);
  }
  file.close();
}

/// What the plan counts for each tensor where it crosses, by name.
std::map<std::string, double> planned_bytes(const Problem& problem, const Plan& plan) {
  std::map<std::string, double> bytes;
  for (const CrossingTensor& tensor : with_codecs(problem, plan.codecs).tensors) {
    bytes[tensor.name] = tensor.outward_bytes().si();
  }
  return bytes;
}

/// A graph input that crosses encoded has a row before the layers': theirs can't say its codec.
void write_input_rows(CsvWriter& row, const Experiment& experiment, const RunSummary& run,
                      const std::map<std::string, double>& bytes) {
  for (const TensorId input : experiment.graph.inputs()) {
    const TensorNode& tensor = experiment.graph.tensor(input);
    const auto codec = run.plan.codecs.find(tensor.name);
    if (codec == run.plan.codecs.end()) {
      continue;
    }
    std::size_t farthest = 0;
    for (const LayerId reader : tensor.consumers) {
      farthest = std::max(farthest, run.plan.tier_of[reader]);
    }
    row.text(run.algorithm).empty().text(tensor.name).text("input");
    row.text(experiment.problem.tiers[0]).empty().empty().empty().empty();
    row.number(bytes.at(tensor.name)).text(experiment.problem.tiers[farthest]);
    row.text(codec->second).end_row();
  }
}

/// Bytes of the layer's outputs that cross hop 0, 1, ... under the plan, the way they take:
/// "device>cloud", and their codecs.
void write_plan_rows(CsvWriter& row, const Experiment& experiment, const RunSummary& run) {
  const Problem& problem = experiment.problem;
  const std::map<std::string, double> bytes = planned_bytes(problem, run.plan);
  write_input_rows(row, experiment, run, bytes);
  for (LayerId id = 0; id < problem.layer_count(); ++id) {
    const Layer& layer = experiment.graph.layer(id);
    const std::size_t tier = run.plan.tier_of[id];
    double crossing = 0;
    CodecOf codecs;
    std::size_t farthest = tier;
    for (const TensorId output : layer.outputs) {
      std::size_t to = tier;
      for (const LayerId reader : experiment.graph.tensor(output).consumers) {
        to = std::max(to, run.plan.tier_of[reader]);
      }
      farthest = std::max(farthest, to);
      const std::string& name = experiment.graph.tensor(output).name;
      crossing += to > tier ? bytes.at(name) : 0;
      if (const auto codec = run.plan.codecs.find(name); codec != run.plan.codecs.end()) {
        codecs.insert(*codec);
      }
    }
    row.text(run.algorithm)
        .integer(static_cast<std::int64_t>(id))
        .text(layer.name)
        .text(layer.op_name);
    row.text(problem.tiers[tier]).number(problem.seconds[tier][id]).number(layer.work.macs);
    row.number(layer.work.parameter_bytes).number(layer.work.activation_bytes).number(crossing);
    farthest > tier ? row.text(problem.tiers[farthest]) : row.empty();
    row.text(codecs_text(codecs));
    row.end_row();
  }
}

void write_plans(const Experiment& experiment, const std::vector<RunSummary>& runs,
                 const std::string& path) {
  CsvWriter file(path,
                 {"algorithm", "position", "layer", "operator", "tier", "compute_s", "macs",
                  "parameter_bytes", "activation_bytes", "crossing_bytes", "crosses_to", "codec"});
  for (const RunSummary& run : runs) {
    if (run.declined.empty()) {
      write_plan_rows(file, experiment, run);
    }
  }
  file.close();
}

/// Only where some plan has more to say than its layers' tiers.
void write_figures(const std::vector<RunSummary>& runs, const OutputDirectory& out) {
  if (std::all_of(runs.begin(), runs.end(),
                  [](const RunSummary& run) { return run.plan.figures.empty(); })) {
    return;
  }
  CsvWriter file(out.file("plan_figures.csv"), {"algorithm", "what", "value"});
  for (const RunSummary& run : runs) {
    for (const PlanFigure& figure : run.plan.figures) {
      file.text(run.algorithm).text(figure.what).text(figure.value).end_row();
    }
  }
  file.close();
}

void write_tiers(const std::vector<RunSummary>& runs, const std::string& path) {
  CsvWriter file(path, {"algorithm", "tier", "servers", "requests_served", "busy_s", "utilisation",
                        "wait_mean_s"});
  for (const RunSummary& run : runs) {
    for (const TierUsage& tier : run.record.tiers) {
      file.text(run.algorithm).text(tier.name).integer(static_cast<std::int64_t>(tier.servers));
      file.integer(tier.served).number(tier.busy).number(utilisation(tier, run.record.duration));
      tier.served > 0 ? file.number(tier.waited.si() / static_cast<double>(tier.served))
                      : file.empty();
      file.end_row();
    }
  }
  file.close();
}

void write_links(const std::vector<RunSummary>& runs, const std::string& path) {
  CsvWriter file(path, {"algorithm", "hop", "direction", "links", "bandwidth_bytes_per_s",
                        "latency_s", "messages", "bytes", "utilisation"});
  for (const RunSummary& run : runs) {
    for (const HopUsage& hop : run.record.hops) {
      file.text(run.algorithm)
          .text(hop.name)
          .text("up")
          .integer(static_cast<std::int64_t>(hop.links));
      file.number(hop.hop.up.si()).number(hop.hop.latency).integer(hop.up_messages).number(hop.up);
      file.number(up_utilisation(hop, run.record.duration)).end_row();
      file.text(run.algorithm)
          .text(hop.name)
          .text("down")
          .integer(static_cast<std::int64_t>(hop.links));
      file.number(hop.hop.down.si())
          .number(hop.hop.latency)
          .integer(hop.down_messages)
          .number(hop.down);
      file.number(down_utilisation(hop, run.record.duration)).end_row();
    }
  }
  file.close();
}

void write_resolved(const Scenario& scenario, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << "# The scenario as it ran, every default filled in. Run it again: offcut run "
       << "resolved.yaml\n"
       << "# offcut " << OFFCUT_VERSION << ", SimGrid " << simgrid_version()
       << " (network model CM02, max-min sharing, latency outside the link)\n"
       << to_yaml(scenario.resolved);
  if (!file.flush()) {
    throw std::runtime_error("can't write " + path);
  }
}

}  // namespace

void write_layers(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const std::string& path) {
  write_plans(experiment, runs, path);
}

void write_report(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out) {
  write_summary(experiment.scenario, runs, out.file("summary.csv"));
  write_plans(experiment, runs, out.file("plan.csv"));
  write_figures(runs, out);
  write_tiers(runs, out.file("tiers.csv"));
  write_links(runs, out.file("links.csv"));
  write_resolved(experiment.scenario, out.file("resolved.yaml"));
}

}  // namespace offcut
