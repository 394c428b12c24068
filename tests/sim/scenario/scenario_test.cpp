#include "sim/scenario/scenario.h"

#include <doctest/doctest.h>

#include <map>

#include "../../temporary_folder.h"
#include "messages.h"
#include "tests/parameters.h"

namespace offcut::scenario::scenario_test {
namespace {

using Keys = std::vector<std::string>;

Scenario periodic(std::size_t devices, engine::Stop stop) {
  static const Registries registries;
  Scenario scenario{{.stop = stop}};
  scenario.tiers.push_back({{.name = "device", .servers = devices}});
  ClassChoice requests{.arrival_kind = registries.arrivals.find("periodic")};
  requests.parameters =
      defaults_but(requests.arrival_kind->parameters, std::map<std::string, double>{{"period", 2}});
  scenario.classes = {requests};
  return scenario;
}

}  // namespace

TEST_CASE("scenario: all registries are filled") {
  const Registries registries;
  CHECK(registries.operators.size() > 50);
  CHECK(registries.networks.find("alexnet") != nullptr);
  CHECK(registries.algorithms.find("fixed") != nullptr);
  CHECK(registries.arrivals.find("poisson") != nullptr);
}

TEST_CASE("scenario: --set path=value") {
  const Override change = parse_override("tiers.device.name=a=b.c");
  CHECK(change.path == "tiers.device.name");
  CHECK(change.value == "a=b.c");
  CHECK(change.keys() == Keys{"tiers", "device", "name"});
  CHECK(change.option() == "--set tiers.device.name=a=b.c");
  CHECK(parse_override("a..b=").keys() == Keys{"a", "", "b"});
  for (const char* text : {"", "seed", "=1"}) {
    CHECK(messages_of([&] { parse_override(text); }) ==
          Messages{"0:0 expected path=value such as tiers.device.count=10"});
  }
}

TEST_CASE("scenario: --bind, whose names may contain dots") {
  const Override change = bind_override("a.b", 4);
  CHECK(change.keys() == Keys{"model", "bind", "a.b"});
  CHECK(change.value == "4");
  CHECK(change.option() == "--bind a.b=4");
}

TEST_CASE("scenario: runs that would be endless or too long for the clock") {
  CHECK(reason_too_long(periodic(1, {.requests = 100}), {{Seconds(0)}}).empty());
  CHECK(reason_too_long(periodic(1, {.after = Seconds(1e6)}), {{Seconds(0)}}).empty());
  CHECK(reason_too_long(periodic(1, {.requests = 1'000'000'000}), {{Seconds(0)}}) ==
        "1000000000 requests would take about 2e+09 s to arrive; at most 1e+09 s can be simulated "
        "exactly");
  CHECK(reason_too_long(periodic(1000, {.requests = 1'000'000'000}), {{Seconds(0)}}).empty());
  CHECK(reason_too_long(periodic(1'000'000, {.after = Seconds(1e4)}), {{Seconds(0)}})
            .starts_with("about 5e+09 requests would arrive in"));
}

TEST_CASE("scenario: the length of a run with several classes") {
  Scenario scenario = periodic(100, {.after = Seconds(1e4)});
  scenario.classes.push_back(scenario.classes.front());
  scenario.classes[1].in_total = true;  // One source: a request in 2 s beside 50 per second.
  scenario.classes[1].parameters.set("period", 1e-7);
  CHECK(reason_too_long(scenario, {{Seconds(0)}})
            .starts_with("about 1e+11 requests would arrive in"));

  // Closed loops wait for their own model's answers: 100 devices every 1 + 4 s.
  const Registries registries;
  scenario = periodic(100, {.requests = 1'000'000'000});
  scenario.models.resize(2);
  ClassChoice& loop = scenario.classes[0];
  loop = {{.model = 1}, registries.arrivals.find("closed-loop")};
  loop.parameters.set("think", 0.0);
  CHECK(reason_too_long(scenario, {{Seconds(0)}, {Seconds(4)}}).empty());
  CHECK(reason_too_long(scenario, {{Seconds(0)}, {Seconds(400)}})
            .starts_with("1000000000 requests would take about 4e+09 s to arrive"));

  // A device issues its next request as soon as one is dropped, which is when it would send it.
  scenario.stop = {.after = Seconds(1e4)};
  scenario.hops.emplace_back().faults.outages = {{0, Seconds(1), Seconds(2)}};
  loop.failures.then = network::FailurePolicy::Then::drop;
  CHECK(reason_too_long(scenario, {{}, {Seconds(4), Seconds(1e-4)}})
            .starts_with("about 1e+10 requests could arrive in 10000 s; at most 1e+09 can be run: "
                         "a dropped request"));
  CHECK(reason_too_long(scenario, {{}, {Seconds(4), Seconds(1e-2)}}).empty());
  CHECK(reason_too_long(scenario, {{}, {Seconds(4)}}).empty());
  scenario.tiers[0].faults = scenario.hops[0].faults;
  CHECK(reason_too_long(scenario, {{}, {Seconds(4)}}).starts_with("infinitely many"));
  loop.failures.retries = 1;
  loop.failures.backoff = Seconds(1);
  CHECK(reason_too_long(scenario, {{}, {Seconds(4)}}).empty());

  // Failures are counted too: ten a second of each of two devices.
  scenario = periodic(2, {.after = Seconds(1e7)});
  scenario.tiers[0].faults.exponential = {Seconds(0.09), Seconds(0.01)};
  CHECK(reason_too_long(scenario, {{}}) ==
        "machines and links would fail about 2e+08 times in 10000000 s; at most 1e+08 failures can "
        "be run");
  scenario.stop = {.requests = 100};
  CHECK(reason_too_long(scenario, {{}}).empty());

  // The end of a trace is known only to the trace.
  scenario = periodic(1, {.requests = 1'000'000'000});
  scenario.classes = {{.arrival_kind = registries.arrivals.find("trace")}};
  CHECK(reason_too_long(scenario, {{Seconds(0)}}).empty());
}

}  // namespace offcut::scenario::scenario_test
