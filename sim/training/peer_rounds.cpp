// Rounds without a server. Each peer's state and its mixing cost memory traffic like an update, one
// for every state that it receives. A peer that goes down in its work keeps its state.

#include "sim/training/peer_rounds.h"

#include <algorithm>

#include "sim/training/forecasts.h"

namespace offcut::training {
namespace {

SharedState mean_of(const std::vector<SharedState>& states) {
  if (std::all_of(states.begin(), states.end(),
                  [&](const SharedState& s) { return s == states.front(); })) {
    return states.front();
  }
  auto mean = std::make_shared<State>(states.front()->size());
  for (std::size_t k = 0; k < mean->size(); ++k) {
    double sum = 0;
    for (const SharedState& state : states) {
      sum += double{(*state)[k]};
    }
    (*mean)[k] = static_cast<float>(sum / static_cast<double>(states.size()));
  }
  return mean;
}

class PeerRounds final : public JobRun {
 public:
  PeerRounds(const Job& job, PeerPlan plan)
      : JobRun(job),
        plan_(std::move(plan)),
        states_(clients().size(), std::make_shared<State>(job.trainer->initial())),
        mean_(states_.front()) {}

 private:
  /// A peer in the round.
  struct Member {
    std::size_t index = 0;  // Among the clients with samples.
    VisitHandle visit;
    PeerWork work;
    bool has_worked = false;
  };

  void start() override {
    pool_.emplace(book(), *job().data, clients(), server_level(), false);
    for (std::size_t i = 1; i < clients().size(); ++i) {
      if (meeting_level(book().tasks(), clients().front(), clients()[i]) == 0) {
        throw InputError({}, "devices that exchange messages need a common tier on their ways");
      }
    }
    begin_round();
  }

  SharedState state() override { return mean_; }

  void begin_round() {
    members_.clear();
    for (std::size_t i = 0; i < clients().size(); ++i) {
      if (pool_->is_reachable(clients()[i])) {
        members_.push_back({.index = i, .visit = {}, .work = {}});
      }
    }
    if (members_.empty()) {
      pool_->when_free([this] { begin_round(); });
      return;
    }
    open_round();
    left_ = members_.size();
    for (Member& member : members_) {
      const std::size_t client = clients()[member.index];
      member.visit = parts().books.select(client);
      member.work = plan_.work(parts(), client, round(), states_[member.index]);
      book().compute({.device = client, .level = 0, .service = member.work.service, .model = {}},
                     [this, &member](const engine::TaskReport& report) {
                       member.has_worked = report.is_done;
                       if (report.is_done) {
                         parts().books.add_steps(member.visit->client, member.work.steps);
                       } else {
                         parts().books.decide(member.visit, Visit::Fate::lost);
                         parts().runs.forget(member.work.piece);
                       }
                       if (--left_ == 0) {
                         begin_exchange();
                       }
                     });
    }
  }

  void begin_exchange() {
    std::erase_if(members_, [](const Member& m) { return !m.has_worked; });
    if (members_.empty()) {
      end_round(0);
      return;
    }
    double loss = 0;
    double samples = 0;
    for (const Member& member : members_) {
      const LocalResult& result = parts().runs.result(member.work.piece);
      const auto weight = static_cast<double>(job().data->samples.count(clients()[member.index]));
      loss += weight * result.loss;
      samples += weight;
      auto next = std::make_shared<State>(result.state);
      if (member.work.is_gradient) {
        const State& now = *states_[member.index];
        for (std::size_t k = 0; k < next->size(); ++k) {
          (*next)[k] = static_cast<float>(double{now[k]} - member.work.rate * double{(*next)[k]});
        }
      }
      states_[member.index] = std::move(next);
    }
    loss /= samples;

    const Neighbours present = present_neighbours();
    Schedule schedule = exchange(present);
    std::vector<std::size_t> devices;
    for (const Member& member : members_) {
      devices.push_back(clients()[member.index]);
    }
    run_transfers(book(), schedule, devices, parts().state_bytes(),
                  [=, this](const TransferReport& report) {
                    take_states(present, schedule, report);
                    mix_on_devices(present, loss);
                  });
  }

  /// The graph among the members, by their places in the round.
  Neighbours present_neighbours() const {
    std::map<std::size_t, std::size_t> place;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      place[members_[i].index] = i;
    }
    Neighbours present(members_.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      for (const std::size_t other : plan_.neighbours[members_[i].index]) {
        const auto found = place.find(other);
        if (found != place.end()) {
          present[i].push_back(found->second);
        }
      }
    }
    return present;
  }

  void take_states(const Neighbours& present, const Schedule& schedule,
                   const TransferReport& report) {
    const std::size_t n = members_.size();
    std::vector<std::vector<bool>> has(n, std::vector<bool>(n));
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      if (report.arrived[i]) {
        has[schedule[i].to][schedule[i].from] = true;
      }
    }
    std::vector<SharedState> sent;
    std::vector<double> weights;
    for (const Member& member : members_) {
      sent.push_back(states_[member.index]);
      weights.push_back(member.work.weight);
    }
    const Mixing mixing = plan_.is_full ? full_mixing(weights) : metropolis(present);
    for (std::size_t i = 0; i < n; ++i) {
      states_[members_[i].index] = std::make_shared<State>(mixed(mixing, i, sent, has[i]));
    }
  }

  /// Every received state costs the memory traffic of an update.
  void mix_on_devices(const Neighbours& present, double loss) {
    left_ = members_.size();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const std::size_t client = clients()[members_[i].index];
      const Seconds service =
          static_cast<double>(present[i].size()) * parts().time_of_update(client, 0);
      book().compute({.device = client, .level = 0, .service = service, .model = {}},
                     [=, this](const engine::TaskReport&) {
                       if (--left_ == 0) {
                         end_round(loss);
                       }
                     });
    }
  }

  void end_round(double loss) {
    for (const Member& member : members_) {
      parts().books.decide(member.visit, Visit::Fate::counted);
    }
    if (!members_.empty()) {
      mean_ = mean_of(states_);
    }
    if (finish_round(loss)) {
      begin_round();
    }
  }

  PeerPlan plan_;
  std::vector<SharedState> states_;  // By client with samples.
  SharedState mean_;
  std::optional<ClientPool> pool_;
  std::vector<Member> members_;
  std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_peer_rounds(const Job& job, PeerPlan plan) {
  if (job.codec != nullptr) {
    throw InputError({}, "codec: peers exchange whole states; a codec of updates needs a server");
  }
  return std::make_unique<PeerRounds>(job, std::move(plan));
}

RoundForecast forecast_of_peers(const Job& job, const System& system, const Neighbours& neighbours,
                                const std::function<Seconds(std::size_t client)>& service) {
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  RoundForecast forecast;
  std::size_t degree = 0;
  double hops = 0;
  Seconds mixing;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    forecast.compute = std::max(forecast.compute, service(clients[i]));
    degree = std::max(degree, neighbours[i].size());
    for (const std::size_t neighbour : neighbours[i]) {
      hops += hops_between(system, clients[i], clients[neighbour]);
    }
    mixing = std::max(mixing, static_cast<double>(neighbours[i].size()) *
                                  job.times->of(system.group_of(clients[i]), 0, 1).update);
  }
  const Bytes bytes = job.trainer->layout().bytes();
  forecast.compute += mixing;
  forecast.communication = time_of_exchange(system, clients, degree, bytes);
  forecast.round = forecast.compute + forecast.communication;
  forecast.bytes_up = hops * bytes;
  forecast.bytes_down = forecast.bytes_up;
  forecast.loading = time_of_loading(job, system, clients);
  return forecast;
}

}  // namespace offcut::training
