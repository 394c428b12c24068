// Turns ended requests into rows of requests.csv, latency statistics by class, and counts of right
// predictions. The math of a request runs here, when it has been answered.

#include "analysis/request_log.h"

#include "analysis/statistics/bottleneck.h"
#include "sim/engine/core/legs.h"

namespace offcut::analysis {
namespace {

/// Returns the sizes of the messages that left and reached the device; those between other tiers
/// are in links.csv. A request that fell back has none, since it may have been sent any number of
/// times.
std::optional<MessageBytes> message_bytes(const engine::RequestRecord& request) {
  return request.completed() && !request.fell_back
             ? std::optional(MessageBytes{request.upload_bytes, request.download_bytes})
             : std::nullopt;
}

/// Returns the energy of the device's core for a request; none if it is unknown.
std::optional<Joules> compute_energy(const engine::Simulation& simulation, std::size_t group,
                                     const engine::RequestRecord& request) {
  const engine::Tier& device = simulation.tiers[group];
  return device.power.busy
             ? std::optional(device.power.pue * (*device.power.busy * request.device_compute) /
                             static_cast<double>(device.cores))
             : std::nullopt;
}

/// Returns the energy of the radio for a request's messages; none if it is unknown.
std::optional<Joules> radio_energy_of(const engine::Simulation& simulation, std::size_t group,
                                      const engine::RequestRecord& request) {
  bool is_known = true;
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    const bool leaves_device = engine::ends_of(simulation, hop).from == group;
    is_known = is_known && (!leaves_device || simulation.hops[hop].radio);
  }
  const bool was_sent = request.upload_bytes > Bytes(0) || request.upload > Seconds(0);
  return is_known || !was_sent ? std::optional(request.radio_energy) : std::nullopt;
}

}  // namespace

RequestLog::RequestLog(const std::string& path, const engine::Simulation& simulation,
                       InferenceOf inference_of, std::optional<std::string> algorithm,
                       PlanOf plan_of, scenario::StatisticsChoice statistics)
    : simulation_(simulation),
      inference_of_(std::move(inference_of)),
      plan_of_(std::move(plan_of)),
      latencies_(simulation.classes.size()),
      of_groups_(simulation.groups > 1 ? simulation.groups : 0),
      statistics_(statistics),
      attachment_(engine::attachment_of(simulation.tiers, simulation.hops, simulation.groups)) {
  for (std::size_t number = 0; number < simulation.exit_families.size(); ++number) {
    const engine::ExitFamily& family = simulation.exit_families[number];
    std::vector<ExitUsage>& exits = exits_.emplace_back();
    for (std::size_t way = 0; way < family.names.size(); ++way) {
      exits.push_back({.request_class = family.request_class,
                       .model = family.model,
                       .way = way,
                       .name = family.names[way],
                       .odds = family.odds[way]});
    }
  }
  for (const std::string& reason : engine::drop_reasons(simulation)) {
    dropped_.push_back("dropped: " + reason);
  }
  if (!path.empty()) {
    file_ = std::make_unique<RequestTableWriter>(path, simulation, std::move(algorithm),
                                                 static_cast<bool>(plan_of_));
  }
}

void RequestLog::add(const engine::RequestRecord& request, const engine::RequestParts& parts) {
  std::optional<runtime::Prediction> prediction;
  if (request.completed()) {
    latencies_[request.request_class].add(request);
    if (!of_groups_.empty()) {
      of_groups_[attachment_.group_of(request.device)].add(request);
    }
    if (request.arrival < statistics_.warm_up_time) {
      ++in_warm_up_;
    } else {
      in_order_.push_back(request.latency().si());
    }
    pace_.add(request);
    prediction = predict(request);
    if (request.exit) {
      exits_[request.exit->family][request.exit->way].add(request, prediction);
    }
  }
  if (file_) {
    write(request, prediction, parts);
  }
}

std::optional<runtime::Prediction> RequestLog::predict(const engine::RequestRecord& request) {
  runtime::Inference* inference = inference_of_ ? inference_of_(request) : nullptr;
  // Other tensors were encoded, or none, for a request that left its plan, maybe with another
  // result.
  const bool left_plan = request.fell_back || request.failover == engine::Failover::next_tier;
  if (inference == nullptr || (left_plan && inference->encodes())) {
    return std::nullopt;
  }
  const std::size_t output =
      request.exit ? simulation_.exit_families[request.exit->family].outputs[request.exit->way] : 0;
  std::optional<runtime::Prediction> prediction = inference->prediction_of(request.input, output);
  if (prediction && prediction->label) {
    ++labelled_;
    correct_ += prediction->predicted == *prediction->label ? 1 : 0;
  }
  return prediction;
}

std::string_view RequestLog::outcome_of(const engine::RequestRecord& request) const {
  if (request.completed()) {
    return "completed";
  }
  if (request.ending == engine::Ending::in_flight) {
    return "in flight";
  }
  return dropped_[request.reason];
}

void RequestLog::write(const engine::RequestRecord& request,
                       const std::optional<runtime::Prediction>& prediction,
                       const engine::RequestParts& parts) {
  const std::size_t group = attachment_.group_of(request.device);
  file_->add({.request = request,
              .outcome = outcome_of(request),
              .class_name = simulation_.classes[request.request_class].name,
              .group_name = simulation_.tiers[group].name,
              .messages = message_bytes(request),
              .prediction = prediction,
              .exit = request.exit
                          ? simulation_.exit_families[request.exit->family].names[request.exit->way]
                          : std::string_view(),
              .parts = parts,
              .compute_energy = compute_energy(simulation_, group, request),
              .radio_energy = radio_energy_of(simulation_, group, request),
              .plan = plan_of_ ? std::optional(plan_of_(request)) : std::nullopt});
}

SteadyState RequestLog::steady(const engine::RunRecord& record) const {
  if (verdict(record) != engine::Verdict::stable) {
    SteadyState result;
    result.too_short = "a tier or a link is not stable, so that the mean depends on the length";
    return result;
  }
  using Choice = scenario::StatisticsChoice::WarmUp;
  if (statistics_.warm_up != Choice::given) {
    const WarmUp method = statistics_.warm_up == Choice::mser5 ? WarmUp::mser5 : WarmUp::log_mser5;
    return steady_state(in_order_, method, statistics_.confidence);
  }
  SteadyState result = steady_state(in_order_, 0, statistics_.confidence);
  result.warm_up = in_warm_up_;
  return result;
}

void RequestLog::finish(RunSummary& summary) {
  if (file_) {
    file_->close();
  }
  for (LatencyStatistics& latencies : of_groups_) {
    summary.group_latency.push_back(latencies.summary());
  }
  LatencyStatistics all;
  for (LatencyStatistics& latencies : latencies_) {
    summary.class_latency.push_back(latencies.summary());
    all.take(latencies);
  }
  summary.latency = latencies_.size() == 1 ? summary.class_latency.front() : all.summary();
  all = {};
  latencies_.clear();  // Their memory is needed again.
  summary.steady = steady(summary.record);
  for (std::vector<ExitUsage>& exits : exits_) {
    summary.exits.insert(summary.exits.end(), exits.begin(), exits.end());
  }
  summary.pace = pace_;
  summary.labelled = labelled_;
  summary.correct = correct_;
}

}  // namespace offcut::analysis
