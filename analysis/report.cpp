#include "analysis/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
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

/// The codecs of all models' plans, each once and in alphabetical order.
std::string codecs_text(const RunSummary& run) {
  std::set<std::string> names;
  for (const Plan& plan : run.plans) {
    for (const auto& [tensor, codec] : plan.codecs) {
      names.insert(codec);
    }
  }
  return fmt::format("{}", fmt::join(names, " "));
}

const std::vector<std::string> kSummaryColumns = {"scenario",
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
                                                  "codec",
                                                  "lost_mean_s",
                                                  "requests_late",
                                                  "requests_fell_back",
                                                  "failures",
                                                  "goodput_per_s",
                                                  "fairness",
                                                  "latency_fairness",
                                                  "drops"};

/// Nothing but why.
void write_declined(CsvWriter& row, const RunSummary& run) {
  for (std::size_t i = 3; i < kSummaryColumns.size(); ++i) {
    kSummaryColumns[i] == "outcome" ? row.text("declined: " + run.declined) : row.empty();
  }
  row.end_row();
}

void write_summary_row(CsvWriter& row, const Scenario& scenario, const RunSummary& run) {
  const RunRecord& record = run.record;
  row.text(scenario.name).integer(static_cast<std::int64_t>(scenario.seed)).text(run.algorithm);
  if (!run.declined.empty()) {
    write_declined(row, run);
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
  row.text("completed");
  run.plans.size() == 1 ? row.number(run.plans.front().cost.latency()) : row.empty();
  write_parts(row, run.latency);
  row.text(codecs_text(run));
  run.latency ? row.number(run.latency->lost) : row.empty();
  row.integer(run.late()).integer(run.fell_back()).integer(run.failures());
  row.number(run.goodput()).number(record.fairness).number(record.latency_fairness);
  row.text(drops_text(record));
  row.end_row();
}

void write_summary(const Scenario& scenario, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  CsvWriter file(path, kSummaryColumns);
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
void write_input_rows(CsvWriter& row, const PreparedModel& model, const Plan& plan,
                      const std::string& algorithm, const std::map<std::string, double>& bytes) {
  for (const TensorId input : model.graph.inputs()) {
    const TensorNode& tensor = model.graph.tensor(input);
    const auto codec = plan.codecs.find(tensor.name);
    if (codec == plan.codecs.end()) {
      continue;
    }
    std::size_t farthest = 0;
    for (const LayerId reader : tensor.consumers) {
      farthest = std::max(farthest, plan.tier_of[reader]);
    }
    row.text(algorithm).empty().text(tensor.name).text("input");
    row.text(model.problem.tiers[0]).empty().empty().empty().empty();
    row.number(bytes.at(tensor.name)).text(model.problem.tiers[farthest]);
    row.text(codec->second).text(model.name).end_row();
  }
}

/// Bytes of the layer's outputs that cross hop 0, 1, ... under the plan, the way they take:
/// "device>cloud", and their codecs.
void write_plan_rows(CsvWriter& row, const PreparedModel& model, const Plan& plan,
                     const std::string& algorithm) {
  const Problem& problem = model.problem;
  const std::map<std::string, double> bytes = planned_bytes(problem, plan);
  write_input_rows(row, model, plan, algorithm, bytes);
  for (LayerId id = 0; id < problem.layer_count(); ++id) {
    const Layer& layer = model.graph.layer(id);
    const std::size_t tier = plan.tier_of[id];
    double crossing = 0;
    std::set<std::string> codecs;
    std::size_t farthest = tier;
    for (const TensorId output : layer.outputs) {
      std::size_t to = tier;
      for (const LayerId reader : model.graph.tensor(output).consumers) {
        to = std::max(to, plan.tier_of[reader]);
      }
      farthest = std::max(farthest, to);
      const std::string& name = model.graph.tensor(output).name;
      crossing += to > tier ? bytes.at(name) : 0;
      if (const auto codec = plan.codecs.find(name); codec != plan.codecs.end()) {
        codecs.insert(codec->second);
      }
    }
    row.text(algorithm).integer(static_cast<std::int64_t>(id)).text(layer.name).text(layer.op_name);
    row.text(problem.tiers[tier]).number(problem.seconds[tier][id]).number(layer.work.macs);
    row.number(layer.work.parameter_bytes).number(layer.work.activation_bytes).number(crossing);
    farthest > tier ? row.text(problem.tiers[farthest]) : row.empty();
    row.text(fmt::format("{}", fmt::join(codecs, " "))).text(model.name);
    row.end_row();
  }
}

std::vector<NamedPlan> plans_of(const Experiment& experiment, const std::vector<RunSummary>& runs) {
  std::vector<NamedPlan> plans;
  for (const RunSummary& run : runs) {
    for (std::size_t model = 0; model < run.plans.size(); ++model) {
      plans.push_back({run.algorithm, &experiment.models[model], &run.plans[model]});
    }
  }
  return plans;
}

/// Only where some plan has more to say than its layers' tiers.
void write_figures(const Experiment& experiment, const std::vector<RunSummary>& runs,
                   const OutputDirectory& out) {
  std::unique_ptr<CsvWriter> file;
  for (const RunSummary& run : runs) {
    for (std::size_t model = 0; model < run.plans.size(); ++model) {
      for (const PlanFigure& figure : run.plans[model].figures) {
        if (!file) {
          file = std::make_unique<CsvWriter>(
              out.file("plan_figures.csv"),
              std::vector<std::string>{"algorithm", "what", "value", "model"});
        }
        file->text(run.algorithm).text(figure.title()).text(figure.text());
        file->text(experiment.models[model].name).end_row();
      }
    }
  }
  if (file) {
    file->close();
  }
}

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::stable:
      return "stable";
    case Verdict::backlogged:
      return "backlogged";
    case Verdict::overloaded:
      return "overloaded";
  }
  return "";
}

/// `total` by one of `count`; none where there is none.
void write_mean(CsvWriter& row, double total, std::int64_t count) {
  count > 0 ? row.number(total / static_cast<double>(count)) : row.empty();
}

void write_tier_row(CsvWriter& row, const RunSummary& run, const TierUsage& tier) {
  row.text(run.algorithm).text(tier.name).integer(static_cast<std::int64_t>(tier.servers));
  row.integer(tier.served).number(tier.busy).number(utilisation(tier, run.record.duration));
  write_mean(row, tier.waited.si(), tier.served);
  row.integer(tier.batches);
  write_mean(row, static_cast<double>(tier.served), tier.batches);
  row.integer(tier.rejected).integer(tier.lost).integer(tier.loads).number(tier.loading);
  row.number(tier.offered).number(offered_load(tier)).number(tier.blocked);
  row.integer(tier.most_waiting).number(tier.mean_jobs).text(to_text(tier.verdict));
  row.end_row();
}

void write_tiers(const std::vector<RunSummary>& runs, const std::string& path) {
  CsvWriter file(
      path, {"algorithm", "tier", "servers", "requests_served", "busy_s", "utilisation",
             "wait_mean_s", "batches", "batch_size_mean", "rejected", "lost", "loads", "loading_s",
             "offered_s", "offered_load", "blocked_s", "most_waiting", "jobs_mean", "verdict"});
  for (const RunSummary& run : runs) {
    for (const TierUsage& tier : run.record.tiers) {
      write_tier_row(file, run, tier);
    }
  }
  file.close();
}

const char* server_of(bool ours) { return ours ? "offcut" : "SimGrid"; }

/// A hop in one direction, and the links behind it that the devices of a site share.
void write_link_row(CsvWriter& row, const RunSummary& run, const HopUsage& hop, bool up) {
  const Seconds duration = run.record.duration;
  const Bytes carried = up ? hop.up : hop.down;
  row.text(run.algorithm).text(hop.name).text(up ? "up" : "down");
  row.integer(static_cast<std::int64_t>(hop.links)).number((up ? hop.hop.up : hop.hop.down).si());
  row.number(hop.hop.latency).integer(up ? hop.up_messages : hop.down_messages).number(carried);
  row.number(up ? up_utilisation(hop, duration) : down_utilisation(hop, duration));
  row.integer(up ? hop.up_lost : hop.down_lost);
  row.text(server_of(up ? hop.up_is_ours : hop.down_is_ours));
  if (hop.site_links > 0) {
    const BytesPerSecond bandwidth = up ? hop.site_up : hop.site_down;
    row.integer(static_cast<std::int64_t>(hop.site_links)).number(bandwidth.si());
    row.number(link_utilisation(carried, bandwidth, hop.site_links, duration));
  } else {
    row.empty().empty().empty();
  }
  row.end_row();
}

void write_links(const std::vector<RunSummary>& runs, const std::string& path) {
  CsvWriter file(path, {"algorithm", "hop", "direction", "links", "bandwidth_bytes_per_s",
                        "latency_s", "messages", "bytes", "utilisation", "hop_lost", "served_by",
                        "site_links", "site_bandwidth_bytes_per_s", "site_utilisation"});
  for (const RunSummary& run : runs) {
    for (const HopUsage& hop : run.record.hops) {
      for (const bool up : {true, false}) {
        write_link_row(file, run, hop, up);
      }
    }
  }
  file.close();
}

void write_classes(const Experiment& experiment, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  CsvWriter file(
      path, {"algorithm", "class", "model", "requests_arrived", "requests_completed",
             "requests_dropped", "requests_in_flight", "requests_late", "requests_fell_back",
             "failures", "goodput_per_s", "planned_latency_s", "latency_mean_s", "latency_p50_s",
             "latency_p90_s", "latency_p95_s", "latency_p99_s", "latency_max_s"});
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.record.classes.size(); ++i) {
      const ClassUsage& requests = run.record.classes[i];
      const std::size_t model = experiment.scenario.classes[i].model_index();
      file.text(run.algorithm).text(requests.name).text(experiment.models[model].name);
      file.integer(requests.arrived).integer(requests.completed).integer(requests.dropped);
      file.integer(requests.in_flight).integer(requests.late).integer(requests.fell_back);
      file.integer(requests.failures).number(goodput(requests, run.record.duration));
      file.number(run.plans[model].cost.latency());
      write_latencies(file, run.class_latency[i]);
      file.end_row();
    }
  }
  file.close();
}

/// "device-edge up, device-edge down" of the links that offcut serves itself, or of the others;
/// "none".
std::string links_text(const RunRecord& record, bool ours) {
  std::vector<std::string> links;
  for (const HopUsage& hop : record.hops) {
    if (hop.up_is_ours == ours) {
      links.push_back(hop.name + " up");
    }
    if (hop.down_is_ours == ours) {
      links.push_back(hop.name + " down");
    }
  }
  return links.empty() ? "none" : fmt::format("{}", fmt::join(links, ", "));
}

void write_resolved(const Scenario& scenario, const RunRecord& chosen, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << "# The scenario as it ran, every default filled in. Run it again: offcut run "
       << "resolved.yaml\n"
       << "# offcut " << OFFCUT_VERSION << ", SimGrid " << simgrid_version()
       << " (network model CM02, max-min sharing, latency outside the link)\n"
       << "# links that SimGrid served: " << links_text(chosen, false)
       << "; that offcut served itself, to the same result: " << links_text(chosen, true) << "\n"
       << to_yaml(scenario.resolved);
  if (!file.flush()) {
    throw std::runtime_error("can't write " + path);
  }
}

}  // namespace

std::string drops_text(const RunRecord& record) {
  std::string text;
  for (const DropCount& drop : record.drops) {
    if (drop.requests > 0) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", drop.reason, drop.requests);
    }
  }
  return text;
}

void write_layers(const std::vector<NamedPlan>& plans, const std::string& path) {
  CsvWriter file(path, {"algorithm", "position", "layer", "operator", "tier", "compute_s", "macs",
                        "parameter_bytes", "activation_bytes", "crossing_bytes", "crosses_to",
                        "codec", "model"});
  for (const NamedPlan& plan : plans) {
    write_plan_rows(file, *plan.model, *plan.plan, plan.algorithm);
  }
  file.close();
}

void write_report(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out) {
  write_summary(experiment.scenario, runs, out.file("summary.csv"));
  write_layers(plans_of(experiment, runs), out.file("plan.csv"));
  write_figures(experiment, runs, out);
  write_tiers(runs, out.file("tiers.csv"));
  write_links(runs, out.file("links.csv"));
  write_classes(experiment, runs, out.file("classes.csv"));
  write_resolved(experiment.scenario, runs.front().record, out.file("resolved.yaml"));
}

}  // namespace offcut
