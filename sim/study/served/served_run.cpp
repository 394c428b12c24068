// Writes measured.json: what a reader of requests.csv must know of the run beside its rows.

#include "sim/study/served/served_run.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "models/base/error.h"

namespace offcut::study {
namespace {

using Json = nlohmann::ordered_json;

Json tiers_of(const ServedRun& run) {
  Json tiers = Json::array();
  for (std::size_t i = 0; i < run.system.tiers.size(); ++i) {
    Json tier = {{"name", run.system.tiers[i]}, {"cores", run.cores[i]}};
    Json servers = Json::array(), offsets = Json::array(), errors = Json::array();
    if (i > 0 && i - 1 < run.servers.size()) {
      for (const MeasuredServer& server : run.servers[i - 1]) {
        servers.push_back(server.address);
        offsets.push_back(server.offset.si());
        errors.push_back(server.error.si());
      }
    }
    tier["servers"] = servers;
    tier["offset_s"] = offsets.empty() ? Json(0.0) : offsets.front();
    tier["offset_error_s"] = i == 0 ? Json(0.0) : Json(run.clock_errors[i - 1].si());
    tier["servers_offset_s"] = offsets;
    tier["servers_offset_error_s"] = errors;
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

Json cuts_of(const ServedRun& run) {
  Json cuts = Json::array();
  for (std::size_t number = 0; number < run.layers.size(); ++number) {
    Json layers = Json::object();
    for (std::size_t tier = 0; tier < run.system.tiers.size(); ++tier) {
      layers[run.system.tiers[tier]] =
          tier < run.layers[number].size() ? run.layers[number][tier] : std::vector<std::string>();
    }
    cuts.push_back({{"number", number}, {"layers", layers}, {"codec", run.codecs[number]}});
  }
  return cuts;
}

}  // namespace

void write_served_run(const std::string& path, const ServedRun& run) {
  const runtime::NodeCounts& counts = run.counts;
  const std::int64_t dropped = counts.rejected + counts.failed + counts.lost + counts.timed_out;
  const Json json = {
      {"format", "offcut-measured"},
      {"version", 1},
      {"model", run.model},
      {"engine", run.engine},
      {"tiers", tiers_of(run)},
      {"hops", run.system.hops},
      {"cuts", cuts_of(run)},
      {"load", run.load},
      {"kind", run.kind},
      {"capacity_per_s", run.capacity.si()},
      {"rate_per_s", run.rate.si()},
      {"seed", run.seed},
      {"window", {{"start_s", run.window_start.si()}, {"end_s", run.window_end.si()}}},
      {"requests", run.requests},
      {"counts",
       {{"arrived", counts.received},
        {"answered", counts.answered},
        {"fell_back", run.fell_back},
        {"dropped", dropped},
        {"in_flight", counts.abandoned},
        {"failures", run.failures}}},
      {"scenario", run.scenario},
      {"versions", {{"offcut", run.version}, {"commit", run.commit}}}};
  std::ofstream file(path);
  file << json.dump(1) << '\n';
  file.close();
  if (!file) {
    throw InputError({path}, "can't be written");
  }
}

}  // namespace offcut::study
