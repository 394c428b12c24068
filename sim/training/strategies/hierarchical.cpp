// `hierarchical`: the sites of an edge tier run rounds of FedAvg with their own clients, and after
// some of them the server beyond averages the sites' states, weighted by the samples that took
// part. Links between sites and server that are down delay a round; nothing is lost there.

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
#include "models/base/random.h"
#include "sim/training/drawing.h"
#include "sim/training/forecasts.h"
#include "sim/training/server_sums.h"
#include "sim/training/sync_round.h"

namespace offcut::training {
namespace {

class SampleMean final : public Aggregator {
 public:
  bool apply(std::span<const Update> updates, State& server) override {
    add_change(server, mean_change(updates, samples_weight));
    return true;
  }
};

std::size_t edge_level(const Job& job) {
  return static_cast<std::size_t>(job.settings.parameters.at("edge-level"));
}

std::int64_t edge_rounds(const Job& job) {
  return std::llround(job.settings.parameters.at("edge-rounds"));
}

void check_edges(const Job& job, std::size_t server) {
  if (edge_level(job) >= server) {
    throw InputError({},
                     "edge-level: hierarchical training needs a tier between the devices and the "
                     "server; edge-level names it, and counts from 1 beyond the devices");
  }
}

class Hierarchical final : public JobRun {
 public:
  explicit Hierarchical(const Job& job)
      : JobRun(job), state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  struct Site {
    std::vector<std::size_t> members;
    std::unique_ptr<ClientPool> pool;
    std::unique_ptr<Selection> selection;  // Null: at random.
    // In the round:
    bool takes_part = false;
    SharedState state;
    double weight = 0;  // Samples that took part, over all edge rounds.
    double loss = 0;    // Their sum.
  };

  void start() override {
    check_edges(job(), server_level());
    std::map<std::size_t, std::size_t> place;
    for (const std::size_t client : clients()) {
      const std::size_t site = book().tasks().site_of(client, edge_level(job()));
      if (place.try_emplace(site, sites_.size()).second) {
        sites_.emplace_back();
      }
      sites_[place[site]].members.push_back(client);
    }
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      Site& site = sites_[i];
      site.pool =
          std::make_unique<ClientPool>(book(), *job().data, site.members, edge_level(job()));
      if (job().selection != nullptr) {
        site.selection = job().selection->make(job().selection_parameters,
                                               random_stream(job().seed, "site", i)());
      }
    }
    begin_round();
  }

  SharedState state() override { return state_; }

  void begin_round() {
    left_ = 0;
    for (Site& site : sites_) {
      site.takes_part = !site.pool->free().empty();
      left_ += site.takes_part ? 1 : 0;
    }
    if (left_ == 0) {
      wait();
      return;
    }
    open_round();
    for (Site& site : sites_) {
      if (!site.takes_part) {
        continue;
      }
      site.weight = site.loss = 0;
      site.state = state_;
      book().insist_on_carrying(
          site.members.front(), server_level(), edge_level(job()), parts().state_bytes(),
          [this, &site](const Trip&) { begin_edge_round(site, 1); }, Owner::site);
    }
  }

  /// Waits for a free client of any site.
  void wait() {
    is_waiting_ = true;
    for (Site& site : sites_) {
      if (!is_waiting_) {
        return;
      }
      site.pool->when_free([this] {
        if (is_waiting_) {
          is_waiting_ = false;
          begin_round();
        }
      });
    }
  }

  void begin_edge_round(Site& site, std::int64_t number) {
    const std::vector<KnownClient> free = site.pool->free();
    if (number > edge_rounds(job()) || free.empty()) {
      send_up(site);
      return;
    }
    const std::size_t needed = clients_per_round(job(), site.members.size());
    const std::size_t wanted = clients_to_select(job(), needed);
    RoundOrder order;
    order.number = (round() - 1) * edge_rounds(job()) + number;
    order.clients = choose(site, free, std::min(wanted, free.size()), order.number);
    order.state = site.state;
    order.level = edge_level(job());
    order.needed = needed;
    order.pool = site.pool.get();
    if (job().settings.deadline) {
      order.until = book().now() + *job().settings.deadline;
    }
    if (order.clients.empty()) {
      send_up(site);
      return;
    }
    run_round(parts(), std::move(order), [=, this, &site](std::vector<Arrival> arrivals) {
      if (arrivals.empty()) {
        begin_edge_round(site, number + 1);
        return;
      }
      const std::size_t device = arrivals.front().update.client;
      const std::size_t count = arrivals.size();
      parts().update_server(device, edge_level(job()), count,
                            [=, this, &site, arrivals = std::move(arrivals)]() mutable {
                              double samples = 0;
                              for (const Arrival& arrival : arrivals) {
                                samples += static_cast<double>(arrival.update.samples);
                              }
                              SampleMean mean;
                              const ServerStep step =
                                  apply_arrivals(parts(), site.state, std::move(arrivals), mean);
                              site.state = step.state;
                              site.weight += samples;
                              site.loss += samples * step.loss;
                              begin_edge_round(site, number + 1);
                            });
    });
  }

  std::vector<std::size_t> choose(Site& site, const std::vector<KnownClient>& free,
                                  std::size_t count, std::int64_t number) {
    if (site.selection != nullptr) {
      return site.selection->choose(free, count, number);
    }
    RandomStream stream = random_stream(job().seed, "clients of a site",
                                        static_cast<std::uint64_t>(number) * sites_.size() +
                                            static_cast<std::uint64_t>(&site - sites_.data()));
    std::vector<std::size_t> chosen;
    for (const std::size_t place : random_sample(free.size(), count, stream)) {
      chosen.push_back(free[place].client);
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

  void send_up(Site& site) {
    book().insist_on_carrying(
        site.members.front(), edge_level(job()), server_level(), parts().state_bytes(),
        [this, &site](const Trip&) {
          if (--left_ == 0) {
            average(site);
          }
        },
        Owner::site);
  }

  void average(const Site& last) {
    std::size_t present = 0;
    double weight = 0;
    double loss = 0;
    for (const Site& site : sites_) {
      if (site.takes_part) {
        present += site.weight > 0 ? 1 : 0;
        weight += site.weight;
        loss += site.loss;
      }
    }
    if (present == 0) {
      end_round(0);
      return;
    }
    parts().update_server(last.members.front(), server_level(), present, [=, this] {
      std::vector<double> sum(state_->size());
      for (const Site& site : sites_) {
        if (site.takes_part && site.weight > 0) {
          for (std::size_t k = 0; k < sum.size(); ++k) {
            sum[k] += site.weight / weight * double{(*site.state)[k]};
          }
        }
      }
      auto next = std::make_shared<State>(sum.size());
      std::transform(sum.begin(), sum.end(), next->begin(),
                     [](double value) { return static_cast<float>(value); });
      state_ = std::move(next);
      end_round(loss / weight);
    });
  }

  void end_round(double loss) {
    if (finish_round(loss)) {
      begin_round();
    }
  }

  SharedState state_;
  std::vector<Site> sites_;  // By their first client.
  std::size_t left_ = 0;     // Sites that are not through.
  bool is_waiting_ = false;
};

/// The slowest site: its download, its rounds with their slowest clients and updates, its upload;
/// then the server's updates.
RoundForecast forecast_hierarchical(const Job& job, const System& system) {
  check_job(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t server = level_of_server(job, system.levels(clients.front()));
  const std::size_t edge = edge_level(job);
  check_edges(job, server);
  std::map<std::size_t, std::vector<std::size_t>> sites;
  std::size_t at_once = 0;
  for (const std::size_t client : clients) {
    sites[system.site_of(client, edge)].push_back(client);
  }
  std::vector<std::size_t> heads;
  for (const auto& [site, members] : sites) {
    heads.push_back(members.front());
    at_once += clients_per_round(job, members.size());
  }
  const std::vector<ClientWay> ways = ways_of_round(job, system, clients, edge, at_once, 0, 0);
  const Together together(system, heads);
  const Layout& layout = job.trainer->layout();
  const auto rounds = static_cast<double>(edge_rounds(job));
  RoundForecast forecast;
  for (const auto& [site, members] : sites) {
    std::vector<ClientWay> own;
    for (const std::size_t member : members) {
      const auto place = std::lower_bound(clients.begin(), clients.end(), member);
      own.push_back(ways[static_cast<std::size_t>(place - clients.begin())]);
    }
    const std::size_t count = clients_per_round(job, members.size());
    const RoundForecast one = forecast_of_slowest(own, count);
    const std::size_t group = system.group_of(members.front());
    const Seconds compute =
        rounds * (one.compute + static_cast<double>(count) * job.times->of(group, edge, 1).update);
    const Seconds communication = rounds * one.communication +
                                  together.time(members.front(), server, edge, layout.bytes()) +
                                  together.time(members.front(), edge, server, layout.bytes());
    if (compute + communication > forecast.round) {
      forecast.round = compute + communication;
      forecast.compute = compute;
      forecast.communication = communication;
    }
  }
  const auto count = static_cast<double>(sites.size());
  const Seconds update = count * job.times->of(system.group_of(clients.front()), server, 1).update;
  forecast.round += update;
  forecast.compute += update;
  const double beyond = count * static_cast<double>(server - edge);  // Hops of sites' payloads.
  const double hops = rounds * static_cast<double>(at_once) * static_cast<double>(edge);
  forecast.bytes_down = (beyond + hops) * layout.bytes();
  forecast.bytes_up = beyond * layout.bytes() + hops * UpdateCodec(job.codec, layout).bound();
  forecast.loading = time_of_loading(job, system, clients);
  return forecast;
}

}  // namespace

void register_hierarchical(Registry<StrategyKind>& registry) {
  registry.add({.name = "hierarchical",
                .doc = "FedAvg at the sites of an edge tier, whose states the server averages",
                .citation = "Liu, Zhang, Song, Letaief, ICC 2020, algorithm 1 (HierFAVG)",
                .parameters = {{.name = "edge-rounds",
                                .is_whole = true,
                                .fallback = 2,
                                .least = 1,
                                .doc = "rounds of a site between two averages of the server"},
                               {.name = "edge-level",
                                .is_whole = true,
                                .fallback = 1,
                                .least = 1,
                                .doc = "the tier of the sites, counted from the devices on"}},
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<Hierarchical>(job);
                },
                .forecast = forecast_hierarchical});
}

}  // namespace offcut::training
