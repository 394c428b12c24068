// Requests of devices that move, without links, computed by hand.

#include "sim/engine/tiers/computing.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../simgrid_run.h"

namespace offcut::engine::computing_test {
namespace {

/// Two devices, each with an edge server at a site of its own, which takes 10 s for a request.
Simulation two_sites() {
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = 2}, {.name = "edge", .servers = 2, .sites = 2}};
  simulation.hops = {{.name = "hop"}};
  simulation.classes = {{}};
  simulation.itineraries = {
      {.stages = {{}, {.used = true, .service = {Seconds(10)}}}, .crossings = {{}}}};
  return simulation;
}

/// Submits a request of each device to the edge, and writes down the time at which it is computed.
class Edge final : Computing::Listener, TimeOuts::Listener, EventQueue::Handler {
 public:
  Edge(EventQueue& events, std::string& text, const Simulation& simulation)
      : events_(events),
        text_(text),
        legs_(simulation),
        route_(route_of(simulation, legs_, simulation.itineraries[0])),
        places_(attachment_of(simulation.tiers, simulation.hops)),
        time_outs_(simulation, events, *this),
        computing_(simulation, places_, {&route_}, events, time_outs_, observers_, *this),
        requests_(simulation.tiers[0].servers) {}

  void submit(double time, std::uint32_t device) { events_.schedule(time, *this, kSubmit, device); }
  /// Moves the device to the other one's place.
  void move(double time, std::uint32_t device) { events_.schedule(time, *this, kMove, device); }

 private:
  enum Kind : std::uint32_t { kSubmit, kMove };

  void handle(std::uint32_t kind, std::uint32_t device, void* /*subject*/) override {
    if (kind == kMove) {
      places_.move(device, 1 - device);
      return;
    }
    Request& request = requests_[device];
    request.record.device = device;
    request.route = &route_;
    request.stage = 1;
    computing_.submit(&request);
  }
  void computed(Request* request) override {
    text_ += fmt::format("{}@{:.10g} ", request->record.device, events_.now());
  }
  void computation_lost(Request* /*request*/) override { text_ += "lost "; }
  void no_machine(Request* /*request*/) override { text_ += "none "; }
  void rejected(Request* /*request*/) override { text_ += "rejected "; }
  void time_is_out(Request* /*request*/) override { text_ += "out "; }

  EventQueue& events_;
  std::string& text_;
  const Observers observers_;
  const Legs legs_;
  const Route route_;
  network::Places places_;
  TimeOuts time_outs_;
  Computing computing_;
  std::vector<Request> requests_;
};

}  // namespace

TEST_CASE("computing: the site where a device is now serves it") {
  const Simulation simulation = two_sites();
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Edge edge(events, text, simulation);
          edge.submit(1, 0);
          edge.submit(2, 1);
          run();
        }) == "0@11 1@12 ");
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Edge edge(events, text, simulation);
          edge.move(0.5, 1);
          edge.submit(1, 0);
          edge.submit(2, 1);  // Waits for the server at the first site.
          run();
        }) == "0@11 1@21 ");
}

}  // namespace offcut::engine::computing_test
