// The contract of selections over the registry, and the preferences of each.

#include "sim/training/selection.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/parameters.h"
#include "tests/train/registries.h"
#include "tests/training/given.h"

namespace offcut::training::selection_test {
namespace {

const Registry<SelectionKind>& kinds() {
  return train::filled_registry<SelectionKind, register_selections>();
}

std::unique_ptr<Selection> made(const std::string& name, std::uint64_t seed,
                                const std::vector<std::pair<std::string, double>>& given = {}) {
  const SelectionKind& kind = *kinds().find(name);
  return kind.make(defaults_but(kind.parameters, given), seed);
}

/// Clients 0, 2, 4, ..., of which nothing is known but their samples.
std::vector<KnownClient> new_clients(std::size_t count) {
  std::vector<KnownClient> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back({.client = 2 * i, .samples = static_cast<std::int64_t>(10 + i)});
  }
  return clients;
}

std::vector<KnownClient> known_clients(std::size_t count) {
  std::vector<KnownClient> clients = new_clients(count);
  for (KnownClient& client : clients) {
    client.samples = 20;
    client.loss = 1;
    client.took = Seconds(10);
    client.last_round = 1;
  }
  return clients;
}

/// Returns how often each client was chosen.
std::vector<int> times_chosen(Selection& selection, const std::vector<KnownClient>& clients,
                              std::size_t count, int rounds, std::int64_t first_round) {
  std::vector<int> times(2 * clients.size(), 0);
  for (int i = 0; i < rounds; ++i) {
    for (const std::size_t client : selection.choose(clients, count, first_round + i)) {
      ++times[client];
    }
  }
  return times;
}

TEST_CASE("selection: free clients, as many as asked, ascending; the same seed, the same choice") {
  for (const auto& [name, kind] : kinds()) {
    CAPTURE(name);
    CHECK(!kind.doc.empty());
    CHECK(!kind.citation.empty());
    for (const auto& clients :
         {new_clients(0), new_clients(1), new_clients(30), known_clients(30)}) {
      for (const std::size_t count : {0U, 1U, 5U, 30U, 50U}) {
        const auto one = made(name, 7);
        const auto same = made(name, 7);
        for (std::int64_t round = 1; round <= 25; ++round) {
          CHECK(one->asks(clients, count, round) == same->asks(clients, count, round));
          const std::vector<std::size_t> chosen = one->choose(clients, count, round);
          CHECK(chosen == same->choose(clients, count, round));
          CHECK(chosen.size() == std::min(count, clients.size()));
          CHECK(std::is_sorted(chosen.begin(), chosen.end()));
          CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
          for (const std::size_t client : chosen) {
            CHECK(client % 2 == 0);
            CHECK(client < 2 * clients.size());
          }
        }
      }
    }
    const auto clients = new_clients(30);
    CHECK(made(name, 1)->choose(clients, 5, 1) != made(name, 2)->choose(clients, 5, 1));
    CHECK(made(name, 1)->choose(clients, 5, 1) != made(name, 1)->choose(clients, 5, 2));
  }
}

TEST_CASE("selection: uniform gives each client the same chance") {
  const auto times = times_chosen(*made("uniform", 1), new_clients(20), 5, 4000, 1);
  for (std::size_t i = 0; i < times.size(); i += 2) {  // 1000, with a deviation of 27.
    CHECK(std::abs(times[i] - 1000) < 120);
  }
}

TEST_CASE("selection: power-of-choice takes the largest losses of its candidates") {
  std::vector<KnownClient> clients = known_clients(40);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].loss = static_cast<double>(i * 7 % 40);
  }
  for (const double d : {0.0, 12.0, 40.0}) {
    const auto selection = made("power-of-choice", 3, {{"candidates", d}});
    for (std::int64_t round = 1; round < 20; ++round) {
      const std::vector<std::size_t> candidates = selection->asks(clients, 4, round);
      CHECK(candidates.size() == (d == 0 ? 8 : static_cast<std::size_t>(d)));
      std::vector<std::pair<double, std::size_t>> worst;
      for (const std::size_t client : candidates) {
        worst.emplace_back(*clients[client / 2].loss, client);
      }
      std::sort(worst.rbegin(), worst.rend());
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < 4; ++i) {
        expected.push_back(worst[i].second);
      }
      std::sort(expected.begin(), expected.end());
      CHECK(selection->choose(clients, 4, round) == expected);
    }
  }
}

TEST_CASE("selection: power-of-choice draws candidates by their samples, and those left") {
  std::vector<KnownClient> clients = known_clients(10);
  clients[3].samples = 200;  // Of 380.
  int candidate = 0;
  for (std::int64_t round = 1; round <= 2000; ++round) {
    const auto asked = made("power-of-choice", 1, {{"candidates", 1}})->asks(clients, 1, round);
    REQUIRE(asked.size() == 1);
    candidate += asked.front() == 6 ? 1 : 0;
  }
  CHECK(std::abs(candidate / 2000.0 - 200.0 / 380) < 0.05);
  // A candidate that failed meanwhile is not chosen.
  const auto selection = made("power-of-choice", 1);
  const auto asked = selection->asks(clients, 4, 1);
  std::vector<KnownClient> left = clients;
  std::erase_if(left, [&](const KnownClient& known) { return known.client == asked.front(); });
  const auto chosen = selection->choose(left, 4, 1);
  CHECK(chosen.size() == 4);
  CHECK(std::find(chosen.begin(), chosen.end(), asked.front()) == chosen.end());
}

TEST_CASE("selection: oort prefers large losses and many samples") {
  std::vector<KnownClient> clients = known_clients(20);
  for (std::size_t i = 0; i < 4; ++i) {
    clients[i].loss = 3;
  }
  const auto by_loss = times_chosen(*made("oort", 1), clients, 4, 200, 2);
  CHECK(by_loss[0] + by_loss[2] + by_loss[4] + by_loss[6] == 800);  // All of them known: the best.
  clients = known_clients(20);
  clients[9].samples = 100;  // Clipped at the 95th percentile, but above the others.
  clients[10].samples = 90;
  const auto by_samples = times_chosen(*made("oort", 1), clients, 2, 200, 2);
  CHECK(by_samples[18] + by_samples[20] == 400);
}

TEST_CASE("selection: oort avoids clients that are slower than preferred") {
  std::vector<KnownClient> clients = known_clients(20);
  for (std::size_t i = 10; i < 20; ++i) {
    clients[i].took = Seconds(20);
    clients[i].loss = 3;  // 3 * (10 / 20)^2 is less than 1.
  }
  const auto penalised = times_chosen(*made("oort", 1), clients, 5, 200, 2);
  const auto ignored = times_chosen(*made("oort", 1, {{"penalty", 0}}), clients, 5, 200, 2);
  int slow = 0;
  int slow_ignored = 0;
  for (std::size_t i = 20; i < 40; ++i) {
    slow += penalised[i];
    slow_ignored += ignored[i];
  }
  CHECK(slow == 0);
  CHECK(slow_ignored == 1000);
}

TEST_CASE("selection: oort explores new clients, less from round to round") {
  std::vector<KnownClient> clients = known_clients(40);
  for (std::size_t i = 0; i < 20; ++i) {
    clients[i].loss.reset();
  }
  const auto fresh_at = [&](std::int64_t round) {
    std::size_t fresh = 0;
    for (const std::size_t client : made("oort", 1)->choose(clients, 10, round)) {
      fresh += client < 40 ? 1 : 0;
    }
    return fresh;
  };
  CHECK(fresh_at(1) == 9);
  CHECK(fresh_at(30) == 5);  // 0.9 * 0.98^29 = 0.501.
  CHECK(fresh_at(1000) == 2);
}

TEST_CASE("selection: oort comes back to clients that were not heard of for long") {
  std::vector<KnownClient> clients = known_clients(10);
  for (KnownClient& client : clients) {
    client.last_round = 99;
  }
  clients[4].last_round = 1;
  const auto times = times_chosen(*made("oort", 1), clients, 1, 100, 100);
  CHECK(times[8] == 100);
}

}  // namespace
}  // namespace offcut::training::selection_test
