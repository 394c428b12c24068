// `data-parallel`: one global step per round. Each client computes the gradient of its share of the
// joint batch; the gradients are added up at a server, around a ring, over a tree, or by gossip,
// and everybody makes the same step.

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "sim/training/collective.h"
#include "sim/training/forecasts.h"
#include "sim/training/joint_batch.h"
#include "sim/training/parallel_steps.h"
#include "sim/training/peer_rounds.h"

namespace offcut::training {
namespace {

const Job& checked_data_parallel(const Job& job) {
  check_job(job);
  const Layout& layout = job.trainer->layout();
  if (layout.share_of_weights() < 1) {
    throw InputError({},
                     "data-parallel steps add gradients up, which running statistics of batch "
                     "normalisation have none of; choose a network without them, or the "
                     "strategy 'rounds'");
  }
  refuse_settings(job, {"local-epochs", "fraction", "over-selection", "deadline", "partial-work"},
                  "a round of data parallelism is one step, in which all clients take part");
  if (job.codec != nullptr && job.settings.parameters.text("sync") != "server") {
    throw InputError({}, "codec: gradients are encoded for a server only: expected 'sync: server'");
  }
  return job;
}

Neighbours neighbours_of_parallel(const Job& job) {
  const std::size_t members = clients_with_samples(*job.data).size();
  return job.settings.parameters.text("mixing") == "full" ? all_neighbours(members)
                                                          : ring_neighbours(members);
}

PeerWork parallel_work(RunParts& parts, std::size_t client, std::int64_t round,
                       const SharedState& state) {
  std::vector<std::int64_t> share = share_of_batch(parts.job, client, round);
  const auto weight = static_cast<double>(share.size());
  return {.piece = parts.runs.gradient(state, std::move(share), static_cast<std::uint64_t>(round)),
          .is_gradient = true,
          .rate = rate_in(parts.job.settings, round),
          .weight = weight,
          .service = time_of_gradient(parts.job, parts.machine(client, 0).group, client, round) +
                     parts.time_of_update(client, 0)};
}

std::unique_ptr<Strategy> make_data_parallel(const Job& job) {
  checked_data_parallel(job);
  const std::string& sync = job.settings.parameters.text("sync");
  if (sync == "gossip") {
    return make_peer_rounds(job, {.is_full = job.settings.parameters.text("mixing") == "full",
                                  .neighbours = neighbours_of_parallel(job),
                                  .work = parallel_work});
  }
  return make_parallel_steps(job, sync == "ring"   ? GradientSum::ring
                                  : sync == "tree" ? GradientSum::tree
                                                   : GradientSum::server);
}

/// Returns the hops up from all devices to their parents in the tree.
double hops_of_tree(const System& system, const std::vector<std::size_t>& devices) {
  double hops = 0;
  for (std::size_t i = 1; i < devices.size(); ++i) {
    hops += hops_between(system, devices[i], devices[(i - 1) / 2]);
  }
  return hops;
}

RoundForecast forecast_data_parallel(const Job& job, const System& system) {
  checked_data_parallel(job);
  const std::string& sync = job.settings.parameters.text("sync");
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const auto update = [&](std::size_t client, std::size_t level) {
    return job.times->of(system.group_of(client), level, 1).update;
  };
  const auto gradient = [&](std::size_t client) {
    return time_of_gradient(job, system.group_of(client), client, 1);
  };
  if (sync == "gossip") {
    return forecast_of_peers(job, system, neighbours_of_parallel(job), [&](std::size_t client) {
      return gradient(client) + update(client, 0);
    });
  }
  const Bytes bytes = job.trainer->layout().bytes();
  const auto count = static_cast<double>(clients.size());
  RoundForecast forecast;
  if (sync == "server") {
    const std::size_t level = level_of_server(job, system.levels(clients.front()));
    const Together together(system, clients);
    const Bytes up = UpdateCodec(job.codec, job.trainer->layout()).bound();
    std::vector<ClientWay> ways;
    Seconds down;
    for (const std::size_t client : clients) {
      ways.push_back(
          {.down = {}, .compute = gradient(client), .up = together.time(client, 0, level, up)});
      down = std::max(down, together.time(client, level, 0, bytes));
    }
    forecast = forecast_of_slowest(ways, ways.size());
    forecast.compute += count * update(clients.front(), level);
    forecast.communication += down;
    const double hops = count * static_cast<double>(level);
    forecast.bytes_up = hops * up;
    forecast.bytes_down = hops * bytes;
  } else {
    Seconds longest_update;
    for (const std::size_t client : clients) {
      forecast.compute = std::max(forecast.compute, gradient(client));
      longest_update = std::max(longest_update, update(client, 0));
    }
    forecast.compute += longest_update;
    forecast.communication = sync == "ring" ? time_of_ring(system, clients, bytes)
                                            : time_of_tree(system, clients, bytes);
    forecast.bytes_up =
        2 * (sync == "ring" ? (count - 1) * hops_around(system, clients) * rounded_up(bytes / count)
                            : hops_of_tree(system, clients) * bytes);
    forecast.bytes_down = forecast.bytes_up;
  }
  forecast.round = forecast.compute + forecast.communication;
  forecast.loading = time_of_loading(job, system, clients);
  return forecast;
}

}  // namespace

void register_data_parallel(Registry<StrategyKind>& registry) {
  registry.add({.name = "data-parallel",
                .doc = "a global step a round: each client computes the gradient of its batch",
                .citation = "Li et al., OSDI 2014 (server); Patarasuk, Yuan, JPDC 2009 (ring)",
                .parameters = {{.name = "sync",
                                .is_text = true,
                                .one_of = {"server", "ring", "tree", "gossip"},
                                .doc = "how the gradients, or for gossip the states, are added up"},
                               {.name = "mixing",
                                .is_text = true,
                                .one_of = {"full", "ring"},
                                .doc = "the neighbours of gossip: all, or two"}},
                .make = make_data_parallel,
                .forecast = forecast_data_parallel});
}

}  // namespace offcut::training
