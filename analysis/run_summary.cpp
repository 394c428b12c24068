#include "analysis/run_summary.h"

#include <nlohmann/json.hpp>

namespace offcut {

template <int T, int D, int W, int E>
void to_json(nlohmann::json& json, const Quantity<T, D, W, E>& q) {
  json = q.si();
}
template <int T, int D, int W, int E>
void from_json(const nlohmann::json& json, Quantity<T, D, W, E>& q) {
  q = Quantity<T, D, W, E>(json.get<double>());
}
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Hop, up, down, latency)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TierUsage, name, servers, busy, served, waited)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HopUsage, name, links, hop, up, down, up_messages, down_messages)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunRecord, arrived, completed, dropped, in_flight, duration,
                                   tiers, hops)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LatencySummary, mean, p50, p90, p95, p99, max, device_wait,
                                   device_compute, upload_wait, upload, server_wait, server_compute,
                                   download)

namespace {

double share(double used, double of) { return of > 0 ? used / of : 0; }

}  // namespace

std::optional<double> RunSummary::accuracy() const {
  return labelled > 0 ? std::optional(static_cast<double>(correct) / static_cast<double>(labelled))
                      : std::nullopt;
}

double RunSummary::throughput() const {
  return share(static_cast<double>(record.completed), record.duration.si());
}

double utilisation(const TierUsage& tier, Seconds duration) {
  return share(tier.busy.si(), static_cast<double>(tier.servers) * duration.si());
}

double up_utilisation(const HopUsage& hop, Seconds duration) {
  return share(hop.up / hop.hop.up / Seconds(1), static_cast<double>(hop.links) * duration.si());
}

double down_utilisation(const HopUsage& hop, Seconds duration) {
  return share(hop.down / hop.hop.down / Seconds(1),
               static_cast<double>(hop.links) * duration.si());
}

std::string to_json(const RunSummary& summary) {
  nlohmann::json json = {
      {"record", summary.record}, {"labelled", summary.labelled}, {"correct", summary.correct}};
  if (summary.latency) {
    json["latency"] = *summary.latency;
  }
  return json.dump();
}

void from_json(const std::string& text, RunSummary& summary) {
  const nlohmann::json json = nlohmann::json::parse(text);
  summary.record = json.at("record");
  summary.labelled = json.at("labelled");
  summary.correct = json.at("correct");
  if (json.contains("latency")) {
    summary.latency = json.at("latency").get<LatencySummary>();
  }
}

}  // namespace offcut
