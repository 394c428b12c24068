#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "../naive.h"
#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::neurosurgeon_test {
namespace {

Outcome outcome(const Problem& problem) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  return solve(*registry.find("neurosurgeon"), problem, {});
}

Plan neurosurgeon(const Problem& problem) { return std::get<Plan>(outcome(problem)); }

constexpr Hop hop(double up, double down, double latency) {
  return {BytesPerSecond(up), BytesPerSecond(down), Seconds(latency)};
}

/// A device, where each layer takes the given seconds, and a cloud, where layers take no time.
Problem free_cloud(std::vector<std::string> layers, std::vector<Seconds> on_device) {
  std::vector<Seconds> in_cloud(on_device.size());
  return {{.tiers = {"device", "cloud"},
           .layers = std::move(layers),
           .seconds = {std::move(on_device), std::move(in_cloud)},
           .hops = {hop(1, 1, 0)}}};
}

/// Returns whether a plan is a single cut: it uses at most one tier beside the device, and that
/// tier has all layers, or none, or exactly those that are reachable from one layer, which makes
/// all tensors that cross. Reachability is Warshall's closure, unlike in the algorithm.
bool is_single_cut(const Problem& problem, const Assignment& tier_of) {
  const std::size_t n = problem.layer_count();
  std::vector<std::vector<bool>> reaches(n, std::vector<bool>(n, false));
  std::set<std::size_t> tiers(tier_of.begin(), tier_of.end());
  tiers.erase(0);
  std::set<std::optional<LayerId>> makers;
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer) {
        reaches[*tensor.producer][reader] = true;
      }
      if (tier_of[reader] > 0 && (!tensor.producer || tier_of[*tensor.producer] == 0)) {
        makers.insert(tensor.producer);
      }
    }
  }
  for (LayerId k = 0; k < n; ++k) {
    for (LayerId i = 0; i < n; ++i) {
      for (LayerId j = 0; j < n; ++j) {
        reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
      }
    }
  }
  const auto away = std::count_if(tier_of.begin(), tier_of.end(), [](auto t) { return t > 0; });
  if (away == 0 || away == static_cast<std::ptrdiff_t>(n)) {
    return tiers.size() <= 1;
  }
  if (tiers.size() > 1 || makers.size() != 1 || !*makers.begin()) {
    return false;
  }
  for (LayerId layer = 0; layer < n; ++layer) {
    if (reaches[**makers.begin()][layer] != (tier_of[layer] > 0)) {
      return false;
    }
  }
  return true;
}

void check_best_single_cut(const Problem& problem) {
  const Plan plan = neurosurgeon(problem);
  INFO("its plan: " << to_text(plan.tier_of));
  CHECK(is_single_cut(problem, plan.tier_of));
  const double least = naive_optimum(
      problem, [&](const Assignment& tier_of) { return is_single_cut(problem, tier_of); });
  CHECK(plan.cost.latency().si() == doctest::Approx(least).epsilon(1e-12));
}

}  // namespace

TEST_CASE("neurosurgeon: the best single cut of 1,000 random DAGs with one input and one output") {
  const std::uint64_t seed = 301;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem problem = random_problem(seed, i, {.plain = true});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    check_best_single_cut(problem);
  }
}

TEST_CASE("neurosurgeon: the best single cut of 1,000 random DAGs of any kind") {
  const std::uint64_t seed = 302;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem problem = random_problem(seed, i);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    check_best_single_cut(problem);
  }
}

TEST_CASE("neurosurgeon: the paper's chain") {
  // The chain is in 100 B -> a 50 B -> b 2 B -> c 1 B, at 1 B/s without latency. The cloud costs
  // 100 + 1, a cut after a 10 + 50 + 1, after b 10 + 20 + 2 + 1 = 33, the device 10 + 20 + 30 = 60.
  Problem chain = free_cloud({"a", "b", "c"}, {Seconds(10), Seconds(20), Seconds(30)});
  chain.tensors = {{"in", {}, {0}, Bytes(100)},
                   {"a", 0, {1}, Bytes(50)},
                   {"b", 1, {2}, Bytes(2)},
                   {"c", 2, {}, Bytes(1), true}};
  const Plan plan = neurosurgeon(chain);
  CHECK(plan.tier_of == Assignment{0, 0, 1});
  CHECK(plan.cost.latency() == Seconds(33));
  CHECK(plan.note == "chain: best single cut");
  // At 10 B/s, a cut after a takes 10 + 5 + 0.1, after b 30 + 0.2 + 0.1, the cloud 10 + 0.1.
  chain.hops = {hop(10, 10, 0)};
  CHECK(neurosurgeon(chain).tier_of == Assignment{1, 1, 1});
  // At 0.05 B/s, c's 1 B takes 20 s and b's 2 B 40 s: a cut after b takes 90 s, the device 60 s.
  chain.hops = {hop(0.05, 0.05, 0)};
  CHECK(neurosurgeon(chain).tier_of == Assignment{0, 0, 0});
}

TEST_CASE("neurosurgeon: on several tiers, one of them gets the tail") {
  // In a chain of two layers, the edge is slow for a, and the cloud is far. The best single cut has
  // a on the device and b on the edge, 1 + (1 + 0) + (1 + 0) = 3 s, against 1 + 4 s for the cloud.
  Problem chain = {
      {.tiers = {"device", "edge", "cloud"},
       .layers = {"a", "b"},
       .seconds = {{Seconds(1), Seconds(9)}, {Seconds(9), Seconds(0)}, {Seconds(0), Seconds(0)}},
       .tensors = {{"in", {}, {0}, Bytes(9)},
                   {"a", 0, {1}, Bytes(1)},
                   {"b", 1, {}, Bytes(1), true}},
       .hops = {hop(1, 1, 0), hop(1, 1, 0)}}};
  CHECK(neurosurgeon(chain).tier_of == Assignment{0, 1});
  chain.hops[1] = hop(1000, 1000, 0);
  chain.seconds[1][1] = Seconds(1);
  CHECK(neurosurgeon(chain).tier_of == Assignment{0, 2});
}

TEST_CASE("neurosurgeon: cuts are after layers that all paths go through, not in branches") {
  // In a diamond, a feeds b and c, which d joins; e follows. Between a and d, two tensors cross,
  // which have 1 B each, while a sends 50 B and d 20 B. So the cut is after d, 4 + 20 + 1 = 25,
  // although after b and c it would take 3 + 2 + 1.
  Problem diamond = free_cloud({"a", "b", "c", "d", "e"},
                               {Seconds(1), Seconds(1), Seconds(1), Seconds(1), Seconds(30)});
  diamond.tensors = {{"in", {}, {0}, Bytes(99)}, {"a", 0, {1, 2}, Bytes(50)},
                     {"b", 1, {3}, Bytes(1)},    {"c", 2, {3}, Bytes(1)},
                     {"d", 3, {4}, Bytes(20)},   {"e", 4, {}, Bytes(1), true}};
  const Plan plan = neurosurgeon(diamond);
  CHECK(plan.tier_of == Assignment{0, 0, 0, 0, 1});
  CHECK(plan.cost.latency() == Seconds(25));
  CHECK(plan.note == "DAG: best single cut after a cut vertex, not necessarily the optimum");
}

TEST_CASE("neurosurgeon: the order of the layers changes nothing") {
  // The layer a feeds `label`, an output of its own, and b; c follows b. After b, only b's tensor
  // crosses, wherever `label` is in the order: 1 + 1 + 1 s for a, b and label, 1 + 1 B for b and c.
  Problem early =
      free_cloud({"a", "label", "b", "c"}, {Seconds(1), Seconds(1), Seconds(1), Seconds(9)});
  early.tensors = {{"in", {}, {0}, Bytes(9)},
                   {"a", 0, {1, 2}, Bytes(9)},
                   {"label", 1, {}, Bytes(9), true},
                   {"b", 2, {3}, Bytes(1)},
                   {"c", 3, {}, Bytes(1), true}};
  Problem late =
      free_cloud({"a", "b", "label", "c"}, {Seconds(1), Seconds(1), Seconds(1), Seconds(9)});
  late.tensors = {{"in", {}, {0}, Bytes(9)},
                  {"a", 0, {1, 2}, Bytes(9)},
                  {"b", 1, {3}, Bytes(1)},
                  {"label", 2, {}, Bytes(9), true},
                  {"c", 3, {}, Bytes(1), true}};
  CHECK(neurosurgeon(early).tier_of == Assignment{0, 0, 0, 1});
  CHECK(neurosurgeon(late).tier_of == Assignment{0, 0, 0, 1});
  CHECK(neurosurgeon(early).cost.latency() == Seconds(5));
  CHECK(neurosurgeon(late).cost.latency() == Seconds(5));
}

TEST_CASE("neurosurgeon: on a chain, more bandwidth never sends less") {
  // Cut j costs a_j + D_j / B. Of two cuts, the one with the larger D gains on the other as B
  // grows, so the bytes that the best cut sends never shrink, on any chain. The bandwidth down
  // stays.
  const std::uint64_t seed = 303;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Problem chain = random_problem(
        seed, i, {.most_layers = 20, .least_tiers = 2, .most_tiers = 2, .chain = true});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(chain));
    Bytes sent(0);
    for (double up = 1e-3; up < 1e9; up *= 2) {
      chain.hops[0].up = BytesPerSecond(up);
      const Bytes now = neurosurgeon(chain).cost.up_bytes[0];
      INFO("at " << up << " B/s");
      CHECK(now >= sent);
      sent = now;
    }
  }
}

TEST_CASE(
    "neurosurgeon: on a chain whose tensors shrink, the cut moves to the input with bandwidth") {
  // The paper observes (section 4.1) that the cut moves towards the input as the link gets faster.
  // This follows from the previous test if tensors get smaller from layer to layer, because then a
  // cut that sends more is an earlier one.
  const std::uint64_t seed = 304;
  bool moved_inside = false;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Problem chain = random_problem(
        seed, i, {.most_layers = 20, .least_tiers = 2, .most_tiers = 2, .chain = true});
    for (std::size_t t = 0; t < chain.tensors.size(); ++t) {
      chain.tensors[t].bytes = Bytes(static_cast<double>(1000 * (chain.tensors.size() - t)));
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(chain));
    auto on_device = static_cast<std::ptrdiff_t>(chain.layer_count());
    for (double up = 1e-3; up < 1e9; up *= 2) {
      chain.hops[0].up = BytesPerSecond(up);
      const Assignment tier_of = neurosurgeon(chain).tier_of;
      const auto now = std::count(tier_of.begin(), tier_of.end(), 0U);
      INFO("at " << up << " B/s");
      CHECK(now <= on_device);
      on_device = now;
      moved_inside |= now > 0 && now < static_cast<std::ptrdiff_t>(chain.layer_count());
    }
  }
  CHECK(moved_inside);  // It does not only jump from one end to the other.
}

TEST_CASE("neurosurgeon: on a chain, more load on the server never sends the cut outward") {
  // Cut j costs a_j + K * c_j, where c_j is the server's time for the tail, which falls with j. Of
  // two cuts, the earlier one loses to the later one as K grows (section 4.2: the load factor).
  const std::uint64_t seed = 305;
  bool moved_inside = false;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem chain = random_problem(
        seed, i, {.most_layers = 20, .least_tiers = 2, .most_tiers = 2, .chain = true});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(chain));
    std::ptrdiff_t on_device = 0;
    Seconds in_cloud(INFINITY);
    for (double load = 1e-3; load < 1e4; load *= 3) {
      Problem loaded = chain;
      for (Seconds& seconds : loaded.seconds[1]) {
        seconds = seconds * load;
      }
      const Assignment tier_of = neurosurgeon(loaded).tier_of;
      const Seconds now = evaluate(chain, tier_of).compute[1];
      INFO("at load " << load);
      CHECK(now <= in_cloud);
      in_cloud = now;
      const auto stays = std::count(tier_of.begin(), tier_of.end(), 0U);
      const bool any_free = std::any_of(chain.seconds[1].begin(), chain.seconds[1].end(),
                                        [](Seconds seconds) { return seconds == Seconds(0); });
      CHECK((any_free || stays >= on_device));
      on_device = stays;
      moved_inside |= stays > 0 && stays < static_cast<std::ptrdiff_t>(chain.layer_count());
    }
  }
  CHECK(moved_inside);
}

}  // namespace offcut::partition::neurosurgeon_test
