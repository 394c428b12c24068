// `gossip`: peer-to-peer averaging without a server. Each device trains its own model on its own
// data, and then mixes it with its neighbours' on a ring, a random graph, or with all.

#include "models/base/random.h"
#include "sim/training/peer_rounds.h"

namespace offcut::training {
namespace {

Neighbours gossip_neighbours(const Job& job) {
  const std::size_t members = clients_with_samples(*job.data).size();
  const std::string& graph = job.settings.parameters.text("graph");
  if (graph == "full") {
    return all_neighbours(members);
  }
  if (graph == "ring") {
    return ring_neighbours(members);
  }
  const auto degree = static_cast<std::size_t>(job.settings.parameters.at("degree"));
  return random_neighbours(members, degree, job.seed);
}

PeerWork gossip_work(RunParts& parts, std::size_t client, std::int64_t round,
                     const SharedState& state) {
  const LocalWork work = work_of(parts.job, client, round);
  return {.piece = parts.runs.train(state, work),
          .weight = static_cast<double>(work.samples.size()),
          .steps = work.steps(),
          .service = time_of_work(*parts.job.times, parts.machine(client, 0), work)};
}

void check_gossip(const Job& job) {
  check_job(job);
  refuse_settings(job, {"fraction", "over-selection", "deadline", "partial-work"},
                  "all peers take part in a round of gossip");
}

std::unique_ptr<Strategy> make_gossip(const Job& job) {
  check_gossip(job);
  return make_peer_rounds(job, {.is_full = job.settings.parameters.text("graph") == "full",
                                .neighbours = gossip_neighbours(job),
                                .work = gossip_work});
}

RoundForecast forecast_gossip(const Job& job, const System& system) {
  check_gossip(job);
  return forecast_of_peers(job, system, gossip_neighbours(job), [&](std::size_t client) {
    return time_of_client(job, {.group = system.group_of(client), .level = 0}, client);
  });
}

}  // namespace

void register_gossip(Registry<StrategyKind>& registry) {
  registry.add(
      {.name = "gossip",
       .doc = "peers train their own models and mix them with their neighbours'; the mean model is "
              "judged",
       .citation = "Lian et al., NeurIPS 2017; Metropolis weights: Xiao, Boyd, Kim, JPDC 2007",
       .parameters = {{.name = "graph",
                       .is_text = true,
                       .one_of = {"ring", "random", "full"},
                       .doc = "the neighbours of a device"},
                      {.name = "degree",
                       .is_whole = true,
                       .fallback = 4,
                       .least = 2,
                       .doc = "the mean number of neighbours in a random graph"}},
       .make = make_gossip,
       .forecast = forecast_gossip});
}

}  // namespace offcut::training
