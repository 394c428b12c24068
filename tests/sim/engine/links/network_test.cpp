// Messages of devices that move, computed by hand.

#include "sim/engine/links/network.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../simgrid_run.h"

namespace offcut::engine::network_test {
namespace {

/// Four devices with links of 100 B/s, of which two each share an uplink of 10 B/s, and an edge
/// with a site after each uplink.
Simulation two_uplinks() {
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = 4}, {.name = "edge", .servers = 2, .sites = 2}};
  const BytesPerSecond own(100), shared(10);
  simulation.hops = {
      {.name = "hop", .hop = {own, own, Seconds(0)}, .site = Link::Uplink{2, shared, shared}}};
  return simulation;
}

/// Sends messages, named by their devices, and writes down the times at which they have left.
class Messages final : Network::Listener, EventQueue::Handler {
 public:
  Messages(EventQueue& events, std::string& text, const Simulation& simulation)
      : events_(events),
        text_(text),
        legs_(simulation),
        places_(attachment_of(simulation.tiers, simulation.hops)),
        network_(simulation, legs_, places_, events, *this),
        requests_(simulation.tiers[0].servers) {}

  void send(double time, std::uint32_t device, double bytes) {
    requests_[device].record.device = device;
    requests_[device].bytes = Bytes(bytes);
    events_.schedule(time, *this, kSend, device);
  }
  /// Moves the device to device 0's place.
  void move(double time, std::uint32_t device) { events_.schedule(time, *this, kMove, device); }

 private:
  enum Kind : std::uint32_t { kSend, kMove };

  void handle(std::uint32_t kind, std::uint32_t device, void* /*subject*/) override {
    if (kind == kMove) {
      places_.move(device, 0);
    } else {
      network_.send(&requests_[device]);
    }
  }
  void sent(Request* request) override {
    text_ += fmt::format("{}@{:.10g} ", request->record.device, events_.now());
  }
  void message_lost(Request* /*request*/) override { text_ += "lost "; }

  EventQueue& events_;
  std::string& text_;
  const Legs legs_;
  network::Places places_;
  Network network_;
  std::vector<Request> requests_;
};

}  // namespace

TEST_CASE("network: a device that has moved sends over its new uplink") {
  const Simulation simulation = two_uplinks();
  // Each device has an uplink for itself: 100 B at 10 B/s.
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Messages messages(events, text, simulation);
          messages.send(1, 0, 100);
          messages.send(1, 3, 100);
          run();
        }) == "0@11 3@11 ");
  // They share the first one.
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Messages messages(events, text, simulation);
          messages.move(0.5, 3);
          messages.send(1, 0, 100);
          messages.send(1, 3, 100);
          run();
        }) == "0@21 3@21 ");
}

TEST_CASE("network: a message that is under way when its device moves stays on the old uplink") {
  const Simulation simulation = two_uplinks();
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Messages messages(events, text, simulation);
          messages.send(1, 3, 100);
          messages.move(2, 3);
          messages.send(2, 0, 100);
          run();
        }) == "3@11 0@12 ");
}

TEST_CASE("network: the first bytes after a pause pass at once, up to the burst of the link") {
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = 3}, {.name = "edge"}};
  simulation.hops = {{.name = "hop",
                      .hop = {BytesPerSecond(10), BytesPerSecond(10), Seconds(0)},
                      .shared = true,
                      .burst = Bytes(5)}};
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Messages messages(events, text, simulation);
          messages.send(1, 0, 25);    // 20 B of it at 10 B/s.
          messages.send(3.2, 1, 25);  // The bucket has 2 B.
          messages.send(9, 2, 4);     // It has all of its 5 B.
          run();
        }) == "0@3 1@5.5 2@9 ");
}

}  // namespace offcut::engine::network_test
