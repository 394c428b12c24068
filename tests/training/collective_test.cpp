// Schedules of collective operations, run step by step on numbers; mixing matrices; forecasts of
// draws by brute force.

#include "sim/training/collective.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "models/base/random.h"
#include "sim/training/forecasts.h"
#include "tests/training/given.h"

namespace offcut::training::collective_test {
namespace {

/// Whole numbers, so that sums are exact in any order.
std::vector<State> whole_states(std::size_t members, std::size_t size) {
  RandomStream stream = random_stream(members, "states", size);
  boost::random::uniform_int_distribution<int> any(-1000, 1000);
  std::vector<State> states(members, State(size));
  for (State& state : states) {
    for (float& value : state) {
      value = static_cast<float>(any(stream));
    }
  }
  return states;
}

State plain_sum(const std::vector<State>& states) {
  State sum(states.front().size());
  for (const State& state : states) {
    for (std::size_t k = 0; k < sum.size(); ++k) {
      sum[k] += state[k];
    }
  }
  return sum;
}

TEST_CASE("collective: ring, tree and server add the same numbers up, for any number of members") {
  for (std::size_t members = 1; members <= 9; ++members) {
    for (const std::size_t size : {1U, 3U, 8U, 20U}) {
      const std::vector<State> states = whole_states(members, size);
      const State sum = plain_sum(states);
      CHECK(ring_sum(states) == sum);
      CHECK(tree_sum(states) == sum);
      CHECK(server_sum(states) == sum);
    }
  }
}

/// Executes a schedule on sets: each member holds, by chunk, the members whose part it has added.
/// A message is sent when those that it needs have arrived, and hands over what its sender has.
TEST_CASE("collective: the ring's messages bring every chunk of everybody to everybody") {
  for (std::size_t n = 2; n <= 9; ++n) {
    const Schedule schedule = ring_all_reduce(n);
    REQUIRE(schedule.size() == 2 * (n - 1) * n);
    std::vector<std::vector<std::set<std::size_t>>> has(n, std::vector<std::set<std::size_t>>(n));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t chunk = 0; chunk < n; ++chunk) {
        has[i][chunk] = {i};
      }
    }
    std::vector<double> sent(n);
    for (std::size_t k = 0; k < schedule.size(); ++k) {
      const Transfer& transfer = schedule[k];
      for (const std::size_t need : transfer.needs) {
        CHECK(need < k);
        CHECK(schedule[need].to == transfer.from);
      }
      sent[transfer.from] += transfer.share;
      const std::size_t step = k / n;
      // First a member's own chunk goes around, then the complete ones do.
      const std::size_t chunk = (transfer.from + 2 * n - step) % n;
      const std::set<std::size_t>& from = has[transfer.from][chunk];
      if (step < n - 1) {
        has[transfer.to][chunk].insert(from.begin(), from.end());
      } else {
        const std::size_t complete = (transfer.from + 1 + 2 * n - (step - (n - 1))) % n;
        CHECK(has[transfer.from][complete].size() == n);
        has[transfer.to][complete] = has[transfer.from][complete];
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(sent[i] == doctest::Approx(2.0 * static_cast<double>(n - 1) / static_cast<double>(n)));
      for (std::size_t chunk = 0; chunk < n; ++chunk) {
        CHECK(has[i][chunk].size() == n);
      }
    }
  }
}

TEST_CASE("collective: the tree's messages bring everything to the root and back") {
  for (std::size_t n = 1; n <= 12; ++n) {
    const Schedule schedule = tree_all_reduce(n);
    REQUIRE(schedule.size() == 2 * (n - 1));
    std::vector<std::set<std::size_t>> has(n);
    for (std::size_t i = 0; i < n; ++i) {
      has[i] = {i};
    }
    for (const Transfer& transfer : schedule) {
      for (const std::size_t need : transfer.needs) {
        CHECK(schedule[need].to == transfer.from);
      }
      has[transfer.to].insert(has[transfer.from].begin(), has[transfer.from].end());
    }
    for (const std::set<std::size_t>& all : has) {
      CHECK(all.size() == n);
    }
  }
}

TEST_CASE("collective: Metropolis weights are doubly stochastic and symmetric") {
  for (const Neighbours& graph : {ring_neighbours(2), ring_neighbours(7), all_neighbours(5),
                                  random_neighbours(20, 4, 1), random_neighbours(9, 3, 2)}) {
    const std::size_t n = graph.size();
    std::vector<std::vector<double>> matrix(n, std::vector<double>(n));
    const Mixing mixing = metropolis(graph);
    for (std::size_t i = 0; i < n; ++i) {
      for (const auto& [j, weight] : mixing.rows[i]) {
        CHECK(weight >= 0);
        matrix[i][j] = weight;
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(std::accumulate(matrix[i].begin(), matrix[i].end(), 0.0) == doctest::Approx(1));
      for (std::size_t j = 0; j < n; ++j) {
        CHECK(matrix[i][j] == doctest::Approx(matrix[j][i]));
        const bool are_neighbours = std::count(graph[i].begin(), graph[i].end(), j) == 1;
        CHECK((i == j || (matrix[i][j] > 0) == are_neighbours));
      }
    }
  }
}

TEST_CASE("collective: random graphs are connected and have the wanted degree") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const std::size_t n : {1U, 2U, 3U, 10U, 31U}) {
      const Neighbours graph = random_neighbours(n, 4, seed);
      std::set<std::size_t> reached = {0};
      std::vector<std::size_t> next = {0};
      std::size_t ends = 0;
      while (!next.empty()) {
        const std::size_t at = next.back();
        next.pop_back();
        ends += graph[at].size();
        for (const std::size_t other : graph[at]) {
          CHECK(std::count(graph[other].begin(), graph[other].end(), at) == 1);
          if (reached.insert(other).second) {
            next.push_back(other);
          }
        }
      }
      CHECK(reached.size() == n);
      CHECK(ends == std::min(4 * n, n * (n - 1)));
      CHECK(random_neighbours(n, 4, seed) == graph);
    }
  }
}

TEST_CASE("collective: an exchange has each edge once in each direction, one arrival a turn") {
  const Neighbours ring = ring_neighbours(6);
  const Schedule schedule = exchange(ring);
  CHECK(schedule.size() == 12);
  for (std::size_t turn = 0; turn < 2; ++turn) {
    std::set<std::size_t> from, to;
    for (std::size_t i = 0; i < 6; ++i) {
      from.insert(schedule[6 * turn + i].from);
      to.insert(schedule[6 * turn + i].to);
    }
    CHECK(from.size() == 6);
    CHECK(to.size() == 6);
  }
}

TEST_CASE("collective: the weight of a state that did not arrive stays with the member") {
  const auto state = [](float value) { return std::make_shared<const State>(State{value}); };
  const std::vector<SharedState> states = {state(1), state(4), state(10)};
  const Mixing mixing = metropolis(all_neighbours(3));  // All weights are 1/3.
  CHECK(mixed(mixing, 0, states, {false, true, true})[0] == doctest::Approx(5));
  CHECK(mixed(mixing, 0, states, {false, false, true})[0] == doctest::Approx(4));
  CHECK(mixed(mixing, 0, states, {false, false, false})[0] == doctest::Approx(1));
  const std::vector<double> weights = {1, 1, 2};
  CHECK(mixed(full_mixing(weights), 1, states, {true, false, true})[0] == doctest::Approx(6.25));
}

TEST_CASE("forecasts: the mean largest of a draw is that over all subsets") {
  const std::vector<double> values = {3, 1, 4, 1, 5, 9, 2};
  for (std::size_t count = 1; count <= values.size(); ++count) {
    double sum = 0;
    int draws = 0;
    for (unsigned bits = 0; bits < (1U << values.size()); ++bits) {
      if (static_cast<std::size_t>(std::popcount(bits)) != count) {
        continue;
      }
      double largest = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        largest = (bits >> i & 1U) != 0 ? std::max(largest, values[i]) : largest;
      }
      sum += largest;
      ++draws;
    }
    CHECK(expected_largest(values, count) == doctest::Approx(sum / draws));
  }
  CHECK(expected_largest({}, 1) == 0);
}

}  // namespace
}  // namespace offcut::training::collective_test
