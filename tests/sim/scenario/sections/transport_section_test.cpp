#include "sim/scenario/sections/transport_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::transport_section_test {
namespace {

/// A scenario with this link between a device and a server.
std::string with_link(const std::string& link) {
  return "offcut: 1\n"
         "stop: {requests: 5}\n"
         "model: {zoo: lenet5}\n"
         "networks: {mine: {up: 1 Mbit/s, down: 2 Mbit/s, latency: 5 ms, payload: 0.9, "
         "per-message: 1 ms, transport: {tcp: {initial-window: 4, idle-restart: false, handshake: "
         "per-request}}}}\n"
         "tiers: {device: {is: raspberry-pi-4b, per-request: 0.2 ms}, edge: {is: t4}}\n"
         "network: {device-edge: " +
         link +
         "}\n"
         "plan: {algorithm: neurosurgeon}\n"
         "workload: {arrivals: poisson, rate: 1 /s}\n";
}

partition::Hop hop_of(const std::string& link) { return read_text(with_link(link)).hops[0].hop; }

Messages wrong(const std::string& link) {
  return messages_of([&] { read_text(with_link(link)); });
}

}  // namespace

TEST_CASE("transport section: without the keys, all of the bandwidth is for messages") {
  const Scenario s = read_text(with_link("{up: 1 Mbit/s, down: 1 Mbit/s, latency: 5 ms}"));
  const partition::Hop& hop = s.hops[0].hop;
  CHECK(hop.payload == 1);
  CHECK(hop.per_message == Seconds(0));
  CHECK(!hop.tcp);
  CHECK(s.tiers[0].per_request == Seconds(0.2e-3));
  CHECK(s.tiers[1].per_request == Seconds(0));
}

TEST_CASE("transport section: a link has that of its kind, or its own") {
  const partition::Hop mine = hop_of("{is: mine}");
  CHECK(mine.payload == 0.9);
  CHECK(mine.per_message == Seconds(1e-3));
  REQUIRE(mine.tcp);
  CHECK(mine.tcp->initial_window == 4);
  CHECK(!mine.tcp->idle_restart);
  CHECK(mine.tcp->handshake);
  CHECK(!hop_of("{is: mine, transport: none}").tcp);
  const partition::Hop defaults = hop_of("{is: mine, payload: 0.5, transport: tcp}");
  CHECK(defaults.payload == 0.5);
  REQUIRE(defaults.tcp);
  CHECK(defaults.tcp->initial_window == 10);
  CHECK(defaults.tcp->idle_restart);
  CHECK(!defaults.tcp->handshake);
  CHECK(hop_of("{is: mine, transport: {tcp: {initial-window: 2}}}").tcp->initial_window == 2);
}

TEST_CASE("transport section: uplinks have the share of payload of their hop") {
  const Scenario s =
      read_text(with_link("{is: mine, site: {devices: 1, up: 4 Mbit/s, down: 4 Mbit/s}}"));
  CHECK(s.hops[0].site->payload == 0.9);
  CHECK(s.hops[0].site->rates(true).most() == doctest::Approx(0.9 * 4e6 / 8));
}

TEST_CASE("transport section: the resolved scenario has the same transport") {
  const Scenario s = read_text(with_link("{is: mine, transport: {tcp: {handshake: never}}}"));
  const Scenario again = read_text(to_yaml(s.resolved));
  REQUIRE(again.hops[0].hop.tcp);
  CHECK(again.hops[0].hop.tcp->initial_window == 10);
  CHECK(!again.hops[0].hop.tcp->handshake);
  CHECK(again.hops[0].hop.payload == 0.9);
  CHECK(again.hops[0].hop.per_message == Seconds(1e-3));
  CHECK(again.tiers[0].per_request == Seconds(0.2e-3));
}

TEST_CASE("transport section: the resolved scenario has what a link takes over from its kind") {
  const Scenario s = read_text(with_link("{is: mine}"));
  const std::string resolved = to_yaml(s.resolved);
  const Scenario again = read_text(resolved);
  REQUIRE(again.hops[0].hop.tcp);
  CHECK(again.hops[0].hop.tcp->initial_window == 4);
  CHECK(!again.hops[0].hop.tcp->idle_restart);
  CHECK(again.hops[0].hop.tcp->handshake);
  CHECK(again.hops[0].hop.payload == 0.9);
  CHECK(again.hops[0].hop.per_message == Seconds(1e-3));
  CHECK(to_yaml(again.resolved) == resolved);
  // Keys that a link does not have leave it as it was.
  const std::string plain =
      to_yaml(read_text(with_link("{up: 1 Mbit/s, down: 1 Mbit/s, latency: 5 ms}")).resolved);
  CHECK(plain.find("payload") == std::string::npos);
  CHECK(plain.find("per-message") == std::string::npos);
  CHECK(plain.find("transport") == std::string::npos);
}

TEST_CASE("transport section: errors") {
  const auto one = [](const std::string& link, const std::string& part) {
    std::string all;
    for (const std::string& message : wrong(link)) {
      all += message + "\n";
    }
    INFO(link);
    CHECK(all.find(part) != std::string::npos);
  };
  one("{is: mine, transport: udp}", "unknown transport 'udp'");
  one("{is: mine, transport: {tpc: {}}}", "transport.tpc");
  one("{is: mine, transport: {tcp: {initial-window: 0}}}", "initial-window");
  one("{is: mine, transport: {tcp: {handshake: always}}}", "unknown handshake 'always'");
  CHECK(wrong("{is: mine, transport: {udp: {}}}").size() == 1);
  CHECK(wrong("{is: mine, transport: {tpc: {}}}").size() == 1);
  one("{is: mine, transport: {}}", "transport.tcp' is missing");
  one("{is: mine, payload: 0}", "payload");
  one("{is: mine, payload: 1.1}", "payload");
  one("{is: mine, per-message: -1 ms}", "per-message");
}

}  // namespace offcut::scenario::transport_section_test
