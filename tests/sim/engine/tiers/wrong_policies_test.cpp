// Runs under policies that give invalid answers or throw. Each ends with one error that names the
// policy, and never with a crash.

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "../small_systems.h"
#include "sim/study/isolate.h"

namespace offcut::engine::wrong_policies_test {
namespace {

using scheduling::Job;
using scheduling::ServerState;

class Beyond : public scheduling::Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream&) override {
    return servers.size();
  }
};

/// Always chooses the first server, even if it is down.
class First : public scheduling::Dispatch {
 public:
  std::size_t choose(std::span<const ServerState>, const Job&, Seconds, RandomStream&) override {
    return 0;
  }
};

class NoNumber : public scheduling::QueueDiscipline {
 public:
  double key(const Job&) override { return std::numeric_limits<double>::quiet_NaN(); }
};

class TooMany : public scheduling::Batching {
 public:
  scheduling::BatchDecision decide(std::size_t waiting, Seconds, Seconds) override {
    return {.take = waiting + 1};
  }
};

/// Waits, and wants to decide again at once.
class Impatient : public scheduling::Batching {
 public:
  scheduling::BatchDecision decide(std::size_t, Seconds, Seconds now) override {
    return {.take = 0, .again = now};
  }
};

class Undecided : public scheduling::Admission {
 public:
  bool admits(const ServerState&, const Job&, Seconds) override {
    throw std::out_of_range("no parameter 'round'");
  }
};

/// Returns the registry entry of a policy without parameters.
template <class Kind, class Policy>
const Kind* entry() {
  static const Kind kind = [] {
    Kind made;
    made.name = "wrong";
    made.make = [](const Parameters&) -> decltype(made.make(Parameters())) {
      return std::make_unique<Policy>();
    };
    return made;
  }();
  return &kind;
}

template <class Policy>
scheduling::Scheduling dispatched() {
  return {.dispatch = {entry<scheduling::DispatchKind, Policy>(), {}}};
}

template <class Policy>
scheduling::Scheduling batched() {
  static const scheduling::BatchingKind kind = [] {
    scheduling::BatchingKind made = *entry<scheduling::BatchingKind, Policy>();
    made.most = [](const Parameters&) -> std::size_t { return 4; };
    return made;
  }();
  return {.batching = {&kind, {}}};
}

/// Returns the error with which a run of two devices and two such servers ends.
std::string error_of(const scheduling::Scheduling& scheduling, const network::Faults& faults = {}) {
  const Times arrivals{{0, 1}, {0, 2}};
  const Simulation simulation = system_of(
      2, {.servers = 2, .scheduling = scheduling, .faults = faults}, {asks(arrivals, {1, 1})});
  const study::IsolatedJob job = [&](const ProgressSink&) {
    simulate(simulation, {});
    return std::string();
  };
  try {
    return study::run_isolated({job}, 1).front();
  } catch (const InputError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("wrong policies: dispatch to a server that does not exist") {
  CHECK(error_of(dispatched<Beyond>()) ==
        "offcut: error: dispatch rule 'wrong' chose server 2; expected 0 to 1");
}

TEST_CASE("wrong policies: dispatch to a server that is down") {
  CHECK(error_of(dispatched<First>()).empty());
  CHECK(error_of(dispatched<First>(), {.outages = {{0, Seconds(0.5), Seconds(9)}}}) ==
        "offcut: error: dispatch rule 'wrong' chose server 0, which is down; expected one of those "
        "that are up: 1");
}

TEST_CASE("wrong policies: a key that is no number") {
  CHECK(error_of({.queue = {entry<scheduling::QueueKind, NoNumber>(), {}}}) ==
        "offcut: error: queue 'wrong' gave request 0 the key nan; expected a number, which may be "
        "infinite");
}

TEST_CASE("wrong policies: more requests than wait, and a decision at the same moment") {
  CHECK(
      error_of(batched<TooMany>()) ==
      "offcut: error: batching policy 'wrong' took 2 of 1 waiting requests, with batches of up to "
      "4; expected 0 to 1");
  CHECK(
      error_of(batched<Impatient>()) ==
      "offcut: error: batching policy 'wrong' decided at 0 s to wait, and to decide again at 0 s; "
      "expected a later time, or infinity");
}

TEST_CASE("wrong policies: an exception") {
  CHECK(error_of({.admission = {entry<scheduling::AdmissionKind, Undecided>(), {}}}) ==
        "offcut: error: admission rule 'wrong' threw an exception: no parameter 'round'");
}

}  // namespace offcut::engine::wrong_policies_test
