#include "sim/scenario/scenario.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "messages.h"

namespace offcut {
namespace {

using Keys = std::vector<std::string>;

Scenario periodic(std::size_t devices, Stop stop) {
  static const Registries registries;
  Scenario scenario{.stop = stop};
  scenario.tiers.push_back({.name = "device", .count = devices});
  scenario.arrivals = registries.arrivals.find("periodic");
  scenario.arrival_parameters.set("period", 2.0);
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

TEST_CASE("scenario: --bind, whose names may hold dots") {
  const Override change = bind_override("a.b", 4);
  CHECK(change.keys() == Keys{"model", "bind", "a.b"});
  CHECK(change.value == "4");
  CHECK(change.option() == "--bind a.b=4");
}

TEST_CASE("scenario: runs that would be endless or too long for the clock") {
  CHECK(too_long(periodic(1, {.requests = 100}), Seconds(0)).empty());
  CHECK(too_long(periodic(1, {.after = Seconds(1e6)}), Seconds(0)).empty());
  CHECK(too_long(periodic(1, {.requests = 1'000'000'000}), Seconds(0)) ==
        "1000000000 requests would take about 2e+09 s to arrive; at most 1e+09 s can be simulated "
        "exactly");
  CHECK(too_long(periodic(1000, {.requests = 1'000'000'000}), Seconds(0)).empty());
  CHECK(too_long(periodic(1'000'000, {.after = Seconds(1e4)}), Seconds(0))
            .starts_with("about 5e+09 requests would arrive in"));
}

}  // namespace offcut
