// The itineraries that requests follow under controllers of the tests' own.

#include "sim/engine/controller.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::controller_test {
namespace {

/// Hands out itineraries[number], with the number that number() gives for a request.
class Chooses : public Controller {
 public:
  using Number = std::size_t (*)(std::size_t request_class, std::size_t device, double now);
  Chooses(std::vector<Itinerary> itineraries, Number number)
      : itineraries_(std::move(itineraries)), number_(number) {}

  const Itinerary& itinerary_of(std::size_t request_class, std::size_t device, Seconds now,
                                std::int64_t /*input*/) override {
    return itineraries_[number_(request_class, device, now.si())];
  }
  const Itinerary& fallback_of(std::size_t /*request_class*/, std::size_t /*device*/,
                               Seconds /*now*/) override {
    return itineraries_.back();
  }

 private:
  std::vector<Itinerary> itineraries_;
  Number number_;
};

/// Sends a message of this many bytes at 1 B/s, to be computed by the server, alone or in batches.
Itinerary on_server(std::vector<Seconds> service, double bytes = 0, double model = 0) {
  return {.stages = {{}, {.used = true, .service = std::move(service), .model = Bytes(model)}},
          .crossings = {{.goes_up = true, .up_bytes = Bytes(bytes)}}};
}

/// Lists the time at which each request ended and the bytes that it sent up and down, as in
/// "7 (10 up, 0 down)"; or returns the error with which the controller was refused.
std::string run_with(const Simulation& simulation, Chooses controller) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::vector<std::pair<std::int64_t, std::string>> requests;
    try {
      simulate(simulation,
               {.request =
                    [&](const RequestRecord& r) {
                      requests.emplace_back(
                          r.request, fmt::format("{:.10g} ({:.0f} up{})", r.completion.si(),
                                                 r.upload_bytes.si(), r.fell_back ? ", home" : ""));
                    }},
               controller);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    std::sort(requests.begin(), requests.end());
    std::string text;
    for (const auto& [number, request] : requests) {
      text += (text.empty() ? "" : ", ") + request;
    }
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

}  // namespace

TEST_CASE("controller: devices of one class follow different plans") {
  // Device 0 sends 3 B in 3 s to be computed in 2 s; device 1 computes in 4 s by itself.
  const Times arrivals{{0, 10}, {0, 10}};
  const Simulation simulation = system_of(2, {.servers = 2}, {asks(arrivals, {1})});
  const Chooses by_device({on_server({Seconds(2)}, 3), on_device_alone(Seconds(4), 2)},
                          [](std::size_t, std::size_t device, double) { return device; });
  CHECK(run_with(simulation, by_device) == "5 (3 up), 4 (0 up), 15 (3 up), 14 (0 up)");
}

TEST_CASE("controller: a plan that changes does not affect requests under way") {
  // From 2 s on, the device computes in 1 s; the request of 1 s keeps its 5 B and 2 s.
  const Times arrivals{{1, 2, 3}};
  const Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  const Chooses changes({on_server({Seconds(2)}, 5), on_device_alone(Seconds(1), 2)},
                        [](std::size_t, std::size_t, double now) {
                          return now < 2 ? std::size_t{0} : std::size_t{1};
                        });
  CHECK(run_with(simulation, changes) == "8 (5 up), 3 (0 up), 4 (0 up)");
}

TEST_CASE("controller: requests on different itineraries are never in one batch") {
  // Four requests at once in batches of four at most: those on one itinerary take 1 s together,
  // those on the other 2 s, and there is one server.
  const Times arrivals{{0}, {0}, {0}, {0}};
  Simulation simulation = system_of(4, {}, {asks(arrivals, {1})});
  simulation.tiers[1].scheduling.batching =
      choose(scheduling::batching(), "timeout", {{"max", 4}, {"delay", 0.5}});
  const std::vector<Seconds> one(4, Seconds(1)), two(4, Seconds(2));
  const Chooses alike({on_server(one), on_server(two)},
                      [](std::size_t, std::size_t, double) { return std::size_t{0}; });
  CHECK(run_with(simulation, alike) == "1 (0 up), 1 (0 up), 1 (0 up), 1 (0 up)");
  const Chooses in_turn({on_server(one), on_server(two)},
                        [](std::size_t, std::size_t device, double) { return device % 2; });
  // At 0.5 the oldest of both have waited enough: the first batch ends at 1.5, the second at 3.5.
  CHECK(run_with(simulation, in_turn) == "1.5 (0 up), 3.5 (0 up), 1.5 (0 up), 3.5 (0 up)");
  // Two objects with equal contents are two plans.
  const Chooses twins({on_server(one), on_server(one)},
                      [](std::size_t, std::size_t device, double) { return device % 2; });
  CHECK(run_with(simulation, twins) == "1.5 (0 up), 2.5 (0 up), 1.5 (0 up), 2.5 (0 up)");
}

TEST_CASE("controller: a plan that comes later brings its own weights into memory") {
  // 100 B of memory hold the 60 B of the class's own plan at the start. Device 1's plan has 80 B,
  // which evict them and are loaded in 8 s, and then device 0's take 6 s.
  const Times arrivals{{0, 20}, {1}};
  Simulation simulation =
      system_of(2, {.memory = Bytes(100), .load = BytesPerSecond(10)}, {asks(arrivals, {1})});
  simulation.itinerary_of(0).stages[1].model = Bytes(60);
  const Chooses by_device({on_server({Seconds(1)}, 0, 60), on_server({Seconds(1)}, 0, 80)},
                          [](std::size_t, std::size_t device, double) { return device; });
  CHECK(run_with(simulation, by_device) == "1 (0 up), 10 (0 up), 27 (0 up)");
}

TEST_CASE("controller: falling back is an itinerary of the controller's, too") {
  // The server is down from 1 to 9: its request starts again at home, in 3 s.
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  simulation.tiers[1].faults.outages = {{0, Seconds(1), Seconds(9)}};
  simulation.classes[0].failures.then = network::FailurePolicy::Then::local;
  set_fallback(simulation, 0, Seconds(100));
  const auto first = [](std::size_t, std::size_t, double) { return std::size_t{0}; };
  CHECK(run_with(simulation, Chooses({on_server({Seconds(2)}), on_device_alone(Seconds(3), 2)},
                                     first)) == "4 (0 up, home)");
  CHECK(run_with(simulation, Chooses({on_server({Seconds(2)})}, first)) ==
        "class all: a fallback must be computed by the device alone, without a tail");
}

TEST_CASE("controller: its itineraries are checked like those of the simulation") {
  const Times arrivals{{1}};
  Simulation simulation = system_of(1, {.memory = Bytes(10)}, {asks(arrivals, {1})});
  const auto refusal = [&](const Itinerary& wrong) {
    return run_with(simulation, Chooses({wrong}, [](std::size_t, std::size_t, double) {
                      return std::size_t{0};
                    }));
  };
  CHECK(refusal(on_server({Seconds(-1)}, 0.5, 11)) ==
        "class all: the times and the model size of a stage must be numbers that are not negative\n"
        "class all: messages must have whole numbers of bytes\n"
        "tier edge: the model of all must fit into the memory of a server");
  CHECK(refusal(on_device_alone(Seconds(1), 1)) ==
        "class all: an itinerary must have a stage for each tier and a crossing for each hop");
  Itinerary tail = on_server({Seconds(1)});
  tail.stages[1].tail = Seconds(1);
  CHECK(refusal(tail) == "class all: only the device can compute a tail");
}

}  // namespace offcut::engine::controller_test
