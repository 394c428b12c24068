// Controllers observe messages and answers, and send messages of their own.

#include "sim/engine/side_messages.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::side_messages_test {
namespace {

/// Sends a probe of so many bytes at the arrivals of some requests, and lists what it observes.
class Observes : public Controller {
 public:
  Observes(const Simulation& simulation, std::vector<std::int64_t> at, double bytes)
      : simulation_(simulation), at_(std::move(at)), bytes_(bytes) {}

  const Itinerary& itinerary_of(std::size_t request_class, std::size_t device, Seconds /*now*/,
                                std::int64_t /*input*/) override {
    if (std::find(at_.begin(), at_.end(), arrived_) != at_.end()) {
      traffic_->send(device, request_class, Bytes(bytes_), 7);
    }
    ++arrived_;
    return simulation_.itinerary_of(request_class);
  }
  const Itinerary& fallback_of(std::size_t request_class, std::size_t /*device*/,
                               Seconds /*now*/) override {
    return simulation_.itinerary_of(request_class);
  }
  bool observes() const override { return true; }
  void begins(SideTraffic& traffic) override { traffic_ = &traffic; }
  void transferred(const Transfer& t) override { add(t.up ? "up" : "down", t); }
  void ended(const RequestRecord& request) override {
    text += fmt::format("; {} answered, waited {:g}", request.request, request.server_wait.si());
  }
  void side_message_ended(std::size_t token, const Transfer& t, bool arrived) override {
    CHECK(token == 7);
    add(arrived ? "probe" : "lost", t);
  }

  std::string text;

 private:
  void add(const char* what, const Transfer& t) {
    text += fmt::format("; {} {} B of {} from {:g} to {:g}", what, t.bytes.si(), t.device,
                        t.start.si(), t.end.si());
  }

  const Simulation& simulation_;
  std::vector<std::int64_t> at_;
  double bytes_;
  std::int64_t arrived_ = 0;
  SideTraffic* traffic_ = nullptr;
};

std::string observed(const Simulation& simulation, std::vector<std::int64_t> probes, double bytes) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    Observes controller(simulation, probes, bytes);
    const RunRecord run = simulate(simulation, {}, controller);
    const HopUsage& hop = run.hops.front();
    return fmt::format("{}; {} of {} answered at {:g}, {} B in {} messages, {:g} B of others",
                       controller.text.substr(2), run.completed, run.arrived, run.duration.si(),
                       hop.up.si(), hop.up_messages, hop.up_traffic.in_part.si());
  };
  return study::run_isolated({job}, 1).front();
}

}  // namespace

TEST_CASE("side messages: a controller sees transfers without their waits, and answers") {
  // Two requests of 3 B at 1 B/s: the second one waits for the first in the line of the device.
  const Times arrivals{{0, 1}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1}, 3)});
  CHECK(observed(simulation, {}, 0) ==
        "up 3 B of 0 from 0 to 3; 0 answered, waited 0; up 3 B of 0 from 3 to 6; "
        "1 answered, waited 0; 2 of 2 answered at 7, 6 B in 2 messages, 0 B of others");
}

TEST_CASE("side messages: a probe waits in the line of its device, and requests wait for it") {
  const Times arrivals{{0, 1}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1}, 3)});
  CHECK(observed(simulation, {0}, 5) ==
        "up 3 B of 0 from 0 to 3; 0 answered, waited 0; probe 5 B of 0 from 3 to 8; "
        "up 3 B of 0 from 8 to 11; 1 answered, waited 0; "
        "2 of 2 answered at 12, 11 B in 3 messages, 0 B of others");
}

TEST_CASE("side messages: a run does not wait for a probe, whose bytes count in part") {
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1}, 3)});
  simulation.stop = {.requests = 1};
  // The answer comes at 4, when 1 B of the probe has crossed.
  CHECK(observed(simulation, {0}, 5) ==
        "up 3 B of 0 from 0 to 3; 0 answered, waited 0; 1 of 1 answered at 4, 3 B in 1 messages, "
        "1 B of others");
  simulation.stop = {.after = Seconds(6)};
  CHECK(observed(simulation, {0}, 5) ==
        "up 3 B of 0 from 0 to 3; 0 answered, waited 0; 1 of 1 answered at 6, 3 B in 1 messages, "
        "3 B of others");
}

TEST_CASE("side messages: an outage loses a probe, and one that finds the link down") {
  const Times arrivals{{0, 5}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  simulation.hops[0].faults.outages = {{.which = 0, .from = Seconds(2), .until = Seconds(9)}};
  simulation.classes[0].failures.then = network::FailurePolicy::Then::drop;
  const std::string text = observed(simulation, {0, 1}, 5);
  CHECK(text.find("lost 5 B of 0 from 0 to 2") != std::string::npos);
  CHECK(text.find("to 5; ") != std::string::npos);
  CHECK(text.find("2 B of others") != std::string::npos);
}

TEST_CASE("side messages: they are served alike by SimGrid, and with a radio and its battery") {
  const Times arrivals{{0, 1}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1}, 3)});
  const std::string ours = observed(simulation, {0}, 5);
  simulation.own_links = false;
  CHECK(observed(simulation, {0}, 5) == ours);
  simulation.own_links = true;
  simulation.hops[0].radio = cost::Radio{.promotion = {.time = Seconds(2), .power = Watts(1)}};
  // The promotion of 2 s is no part of a transfer.
  CHECK(observed(simulation, {0}, 5)
            .starts_with(
                "up 3 B of 0 from 2 to 5; 0 answered, waited 0; probe 5 B of 0 from 5 to 10; "));
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(1)};
  simulation.tiers[0].battery = Battery{.capacity = Joules(7), .charge = 1, .low_power = {}};
  // 2 J of promotion and 1 W: empty at 5 s, with the probe on the air.
  const std::string empty = observed(simulation, {0}, 5);
  CAPTURE(empty);
  CHECK(empty.find("probe") == std::string::npos);
  CHECK(empty.find("0 of 2 answered") != std::string::npos);
}

}  // namespace offcut::engine::side_messages_test
