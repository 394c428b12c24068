// Several classes of requests and their arrivals.

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "../small_systems.h"

namespace offcut::engine::classes_test {
namespace {

std::vector<double> arrivals_of_class(const Recorded& recorded, std::size_t request_class) {
  std::vector<double> times;
  for (const RequestRecord& r : recorded.requests) {
    if (r.request_class == request_class) {
      times.push_back(r.arrival.si());
    }
  }
  return times;
}

/// Sends the next request a fixed time after the last one was answered or dropped.
class Think : public workload::Arrivals {
 public:
  explicit Think(double seconds) : seconds_(seconds) {}
  Seconds next(Seconds now, workload::ArrivalSource&) const override {
    return now + Seconds(seconds_);
  }

 private:
  double seconds_;
};

}  // namespace

TEST_CASE("classes: in_total, one source sends for all devices with equal probabilities") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 10}});
  const auto of_devices = [&](std::size_t devices) {
    Simulation simulation = system_of(devices, {.servers = 50}, {asks(*arrivals, {1})});
    simulation.classes[0].in_total = true;
    simulation.stop = {.requests = 4000};
    return run(simulation);
  };
  const Recorded four = of_devices(4);
  const Recorded forty = of_devices(40);
  CHECK(arrivals_of_class(four, 0) == arrivals_of_class(forty, 0));
  // 4,000 times at 10 a second: 400 s, with a standard deviation of sqrt(4000) / 10.
  CHECK(four.requests.back().arrival.si() == doctest::Approx(400).epsilon(5 * 6.3 / 400));
  // Of 4,000 requests each of four devices has 1,000, standard deviation sqrt(4000 x 1/4 x 3/4).
  std::vector<double> count(4);
  for (const RequestRecord& r : four.requests) {
    ++count.at(r.device);
  }
  for (const double requests : count) {
    CHECK(std::abs(requests - 1000) < 5 * 27.4);
  }
}

TEST_CASE("classes: another class does not change the arrivals of the others") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  Simulation one = system_of(3, {.servers = 9}, {asks(*arrivals, {1})});
  one.classes[0].name = "class 0";
  one.stop = {.after = Seconds(300)};
  Simulation two = system_of(3, {.servers = 9}, {asks(*arrivals, {1}), asks(*arrivals, {1})});
  two.stop = one.stop;
  const Recorded alone = run(one);
  const Recorded both = run(two);
  CHECK(arrivals_of_class(alone, 0).size() > 700);
  CHECK(arrivals_of_class(alone, 0) == arrivals_of_class(both, 0));
  CHECK(arrivals_of_class(both, 0) != arrivals_of_class(both, 1));
  CHECK(both.run.classes[0].arrived ==
        static_cast<std::int64_t>(arrivals_of_class(both, 0).size()));
  CHECK(both.run.arrived == both.run.classes[0].arrived + both.run.classes[1].arrived);
}

TEST_CASE("classes: another class does not change the service times of the others") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  PlannedClass first = asks(*arrivals, {1});
  first.stages[0].service = {Seconds(0.1)};
  const auto times = [](std::vector<PlannedClass> classes, std::size_t noisy) {
    Simulation simulation = system_of(3, {.servers = 99}, std::move(classes));
    simulation.classes[0].name = "class 0";
    for (Itinerary& itinerary : simulation.itineraries) {
      // Noise on both tiers would change the order in which requests reach the servers.
      itinerary.stages[0].used = noisy == 0;
    }
    simulation.tiers[noisy].noise = {Noise::Kind::lognormal, 0.5};
    simulation.stop = {.after = Seconds(300)};
    std::map<std::pair<std::size_t, double>, std::pair<double, double>> services;
    for (const RequestRecord& r : run(simulation).requests) {
      if (r.request_class == 0 && r.arrival < Seconds(250)) {  // Answered in either run.
        services[{r.device, r.arrival.si()}] = {r.device_compute.si(), r.server_compute.si()};
      }
    }
    return services;
  };
  for (const std::size_t noisy : {0U, 1U}) {
    const auto alone = times({first}, noisy);
    CHECK(alone.size() > 600);
    CHECK(alone == times({first, first}, noisy));
  }
}

TEST_CASE("classes: a device whose request is dropped sends the next one") {
  // 2 s of think time, and 5 s on a server without places to wait. Device 0 sends at 2 and has its
  // answer at 7; device 1 is rejected at 2, 4 and 6, and served from 8 on; device 0 is rejected at
  // 9 and 11.
  const Think arrivals(2);
  Simulation simulation =
      system_of(2,
                {.scheduling = {.admission = choose(scheduling::admission(), "bounded-queue",
                                                    {{"capacity", 0}})}},
                {asks(arrivals, {5})});
  simulation.classes[0].closed_loop = true;
  simulation.stop = {.after = Seconds(12)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "7 x2 x4 x6 - x9 x11");
  CHECK(recorded.run.classes[0].completed == 1);
  CHECK(recorded.run.classes[0].dropped == 5);
  CHECK(recorded.run.classes[0].in_flight == 1);
}

TEST_CASE("classes: a device without think time is not dropped endlessly at one time") {
  // 1 s each; the server is down from 2.5 to 3, and requests that find it down are dropped.
  const Think arrivals(0);
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  simulation.tiers[1].faults.outages = {{0, Seconds(2.5), Seconds(3)}};
  simulation.classes[0].closed_loop = true;
  simulation.stop = {.after = Seconds(5)};
  CHECK(ends(simulation) == "1 2 4 -");
  simulation.classes[0].failures.then = network::FailurePolicy::Then::drop;
  CHECK_THROWS_WITH_AS(
      events(simulation),
      "a device sends requests endlessly at 2.5 s: they end at once, and it does not think",
      std::runtime_error);
  simulation.stop = {.requests = 5};
  CHECK(ends(simulation) == "1 2 x2.5 x2.5 x2.5");
}

TEST_CASE("classes: each counts its requests that are late, fall back, or are in flight") {
  // 5 s each on one server: ends at 5, 10, 15 and, on the device in 2 s, 6. The deadline is 9 s
  // after the arrival: the request of 0 is early, that of 1 in time to the second, that of 2 late.
  const Times a{{0, 1, 2}}, b{{4}};
  Simulation simulation = system_of(1, {}, {asks(a, {5}), asks(b, {5})});
  simulation.classes[0].deadline = Seconds(9);
  simulation.itinerary_of(1).stages = {{.used = true, .service = {Seconds(2)}}, {}};
  simulation.itinerary_of(1).crossings = {{}};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "5 10 15 6");
  CHECK(recorded.run.classes[0].late == 1);
  CHECK(recorded.run.classes[1].late == 0);
  CHECK(recorded.run.classes[0].name == "class 0");
  simulation.stop = {.after = Seconds(7)};
  const Recorded stopped = run(simulation);
  CHECK(ends(stopped) == "5 - - 6");
  CHECK(stopped.run.classes[0].in_flight == 2);
  CHECK(stopped.run.classes[1].in_flight == 0);
}

}  // namespace offcut::engine::classes_test
