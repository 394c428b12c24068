// Servers of unlike speed compared with theory: one queue for all of them, in closed form, and the
// threshold rules of dispatch, by Markov chains. Each mean lies within its 99 % interval
// (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

#include "markov_chain.h"
#include "queueing_system.h"
#include "sim/study/isolate.h"

namespace offcut::theory_tests::unlike_servers_test {
namespace {

const engine::Noise kExponential{engine::Noise::Kind::exponential};

/// Machines of one group: their cores, and how many requests each core serves in a second.
struct Group {
  std::size_t machines, cores;
  double rate;
};

/// A tier of unlike servers.
engine::Tier unlike(const std::vector<Group>& groups) {
  engine::Tier tier{.servers = 0};
  for (const Group& group : groups) {
    tier.groups.push_back({.name = fmt::format("group{}", tier.groups.size()),
                           .at_site = {group.machines},
                           .cores = group.cores,
                           .noise = kExponential});
    tier.servers += group.machines;
  }
  return tier;
}

/// Adds a class of Poisson arrivals whose services on each group have the group's mean.
void add_poisson(QueueingSystem& station, double rate, const std::vector<Group>& groups) {
  engine::RequestClass& added = station.add_poisson(rate, 1 / groups.front().rate);
  engine::Stage& stage = station.simulation.itineraries[added.itinerary].stages[1];
  for (const Group& group : groups) {
    stage.of_groups.push_back({Seconds(1 / group.rate)});
  }
}

/// Two unlike servers with one queue (Singh 1970): an arrival that finds both free goes to the fast
/// one. With p2 = 1, the balance of the state in which only the slow one works, and the cut between
/// one and two requests, give the others.
struct TwoServers {
  double fast_share;  // Of all requests.
  double jobs;        // Mean number of requests.

  TwoServers(double rate, double fast, double slow) {
    const double load = rate / (fast + slow);
    const double only_slow = fast / (rate + slow);
    const double only_fast = 1 / load - only_slow;
    const double none = (fast * only_fast + slow * only_slow) / rate;
    const double both = 1 / (1 - load);
    const double all = none + only_fast + only_slow + both;
    fast_share = fast * (only_fast + both) / all / rate;
    jobs = (only_fast + only_slow + 2 * both + load * both * both) / all;
  }
};

/// A rule: the first server that it takes, or else that with the least load, or the most free
/// cores.
struct Rule {
  scheduling::Choice<scheduling::DispatchKind> choice;
  std::vector<Group> servers;  // One of each group.
  std::function<bool(double free_share, double load)> takes;
  bool by_load;
};

/// Returns the fraction that each server gets of the requests that find these numbers.
std::vector<double> shares(const Rule& rule, const std::vector<std::size_t>& jobs) {
  std::vector<double> loads, free, result(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto cores = static_cast<double>(rule.servers[i].cores);
    loads.push_back(static_cast<double>(jobs[i]) / cores);
    free.push_back(1 - static_cast<double>(std::min(jobs[i], rule.servers[i].cores)) / cores);
    if (rule.takes(free[i], loads[i])) {
      result[i] = 1;
      return result;
    }
  }
  const double most = *std::max_element(free.begin(), free.end());
  const double least = *std::min_element(loads.begin(), loads.end());
  double count = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    result[i] = (rule.by_load ? loads[i] == least : free[i] == most) ? 1 : 0;
    count += result[i];
  }
  for (double& share : result) {
    share /= count;
  }
  return result;
}

/// The fraction of the requests that each of two servers gets, and the mean number there.
struct Division {
  std::vector<double> share = {0, 0}, jobs = {0, 0};
};

/// Solves the chain of the numbers at each of two servers, up to `most`.
Division divided(const Rule& rule, double rate, std::size_t most) {
  const std::size_t side = most + 1;
  MarkovChain chain(side * side);
  for (std::size_t state = 0; state < side * side; ++state) {
    const std::vector<std::size_t> jobs = {state % side, state / side};
    const std::vector<double> share = shares(rule, jobs);
    for (std::size_t i = 0; i < 2; ++i) {
      const std::size_t one = i == 0 ? 1 : side;
      const Group& server = rule.servers[i];
      if (jobs[i] < most && share[i] > 0) {
        chain.add(state, state + one, rate * share[i]);
      }
      if (jobs[i] > 0) {
        const auto busy = static_cast<double>(std::min(jobs[i], server.cores));
        chain.add(state, state - one, server.rate * busy);
      }
    }
  }
  const Eigen::VectorXd stationary = chain.stationary();
  Division all;
  for (std::size_t state = 0; state < side * side; ++state) {
    const double time = stationary(static_cast<Eigen::Index>(state));
    const std::vector<std::size_t> jobs = {state % side, state / side};
    const std::vector<double> share = shares(rule, jobs);
    for (std::size_t i = 0; i < 2; ++i) {
      all.share[i] += time * share[i];
      all.jobs[i] += time * static_cast<double>(jobs[i]);
    }
  }
  return all;
}

/// Returns the same figures of a run, as its Poisson arrivals see it: means and half widths.
study::IsolatedJob observed(const engine::Simulation& simulation) {
  return [&simulation](const engine::ProgressSink&) {
    std::vector<std::vector<double>> share(2), jobs(2);
    engine::simulate(simulation, {.decision = [&](const engine::Decision& decision) {
                       for (std::size_t i = 0; i < 2; ++i) {
                         share[i].push_back(decision.chosen == i ? 1 : 0);
                         jobs[i].push_back(static_cast<double>(decision.servers[i].jobs()));
                       }
                     }});
    std::string text;
    for (const auto* values : {&share, &jobs}) {
      for (std::size_t i = 0; i < 2; ++i) {
        const Estimate estimate = batch_means((*values)[i]);
        text += fmt::format("{} {} ", estimate.mean, estimate.half_width);
      }
    }
    return text;
  };
}

}  // namespace

TEST_CASE("unlike servers: two exponential ones with one queue, in closed form") {
  constexpr double kRate = 2.1;
  const std::vector<Group> groups = {{1, 1, 2}, {1, 1, 0.8}};
  QueueingSystem station(unlike(groups), 600'000, 3);
  add_poisson(station, kRate, groups);
  const engine::Recorded recorded = engine::record(station.simulation);
  const TwoServers theory(kRate, 2, 0.8);
  CHECK_THEORY(batch_means(each(recorded, sojourn_of)), theory.jobs / kRate, 0.05);
  const std::vector<engine::MachineGroupUsage>& used = recorded.run.tiers[1].groups;
  const double share = static_cast<double>(used[0].served) / 600'000;
  CHECK(share == doctest::Approx(theory.fast_share).epsilon(0.01));
  CHECK(recorded.run.tiers[1].offered.si() / recorded.run.tiers[1].capacity.si() ==
        doctest::Approx(kRate / 2.8).epsilon(0.01));
}

TEST_CASE("unlike servers: the order of groups decides no more than the numbers of machines") {
  constexpr double kRate = 2.1;
  const std::vector<Group> groups = {{1, 1, 0.8}, {1, 1, 2}};
  QueueingSystem station(unlike(groups), 600'000, 4);
  add_poisson(station, kRate, groups);
  const TwoServers theory(kRate, 2, 0.8);
  CHECK_THEORY(batch_means(each(engine::record(station.simulation), sojourn_of)),
               theory.jobs / kRate, 0.05);
}

TEST_CASE("unlike servers: threshold rules, by the Markov chain of the numbers at each") {
  const std::vector<Group> fast_first = {{1, 1, 2}, {1, 1, 1}}, slow_first = {{1, 1, 1}, {1, 1, 2}},
                           unlike_cores = {{1, 3, 0.5}, {1, 1, 2}};
  const std::vector<Rule> rules = {
      {choose(scheduling::dispatch(), "by-resources", {{"rho", 0}}), fast_first,
       [](double r, double) { return r > 0; }, false},
      {choose(scheduling::dispatch(), "by-resources", {{"rho", 0.5}}), unlike_cores,
       [](double r, double) { return r > 0.5; }, false},
      {choose(scheduling::dispatch(), "by-load", {{"lambda", 2}}), fast_first,
       [](double, double l) { return l < 2; }, true},
      {choose(scheduling::dispatch(), "by-load", {{"lambda", 1}}), slow_first,
       [](double, double l) { return l < 1; }, true},
      {choose(scheduling::dispatch(), "by-load", {{"lambda", 1.2}}), unlike_cores,
       [](double, double l) { return l < 1.2; }, true},
      {choose(scheduling::dispatch(), "hybrid", {{"rho", 0.4}, {"lambda", 0.3}}), unlike_cores,
       [](double r, double l) { return r > 0.4 || l < 0.3; }, true}};
  constexpr double kLoad = 0.6;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  std::vector<study::IsolatedJob> jobs;
  const auto rate = [](const Rule& rule) {
    double capacity = 0;
    for (const Group& server : rule.servers) {
      capacity += server.rate * static_cast<double>(server.cores);
    }
    return kLoad * capacity;
  };
  for (const Rule& rule : rules) {
    engine::Tier tier = unlike(rule.servers);
    tier.scheduling.dispatch = rule.choice;
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(std::move(tier), 300'000, jobs.size() + 41));
    add_poisson(station, rate(rule), rule.servers);
    jobs.push_back(observed(station.simulation));
  }
  const std::vector<std::string> texts = study::run_isolated(jobs, 2);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    INFO(rules[i].choice.kind->name << ", " << i);
    const Division theory = divided(rules[i], rate(rules[i]), 70);
    std::istringstream text(texts[i]);
    for (const auto& [values, finest] : {std::pair(&theory.share, 0.03), {&theory.jobs, 0.1}}) {
      for (const double value : *values) {
        Estimate seen;
        text >> seen.mean >> seen.half_width;
        CHECK_THEORY(seen, value, finest);
      }
    }
  }
}

}  // namespace offcut::theory_tests::unlike_servers_test
