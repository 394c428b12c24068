// The books of links: systems computed by hand, and random ones recomputed from their requests.

#include "sim/engine/links/link_books.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "../small_systems.h"
#include "analysis/statistics/run_summary.h"

namespace offcut::engine::link_books_test {
namespace {

std::vector<double> every(double gap, std::size_t count) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(gap * static_cast<double>(i));
  }
  return times;
}

/// Returns devices that send messages of `bytes` over links of 10 B/s to a server that takes no
/// time.
Simulation senders(const workload::Arrivals& arrivals, std::size_t devices, double bytes) {
  Simulation simulation = system_of(devices, {}, {asks(arrivals, {0}, bytes)});
  simulation.hops[0].hop.up = simulation.hops[0].hop.down = BytesPerSecond(10);
  return simulation;
}

/// Runs it with offcut's own links, and with SimGrid's.
std::vector<Recorded> run_both(Simulation simulation) {
  Simulation at_simgrid = simulation;
  at_simgrid.own_links = false;
  return record_all({std::move(simulation), std::move(at_simgrid)});
}

double up_utilisation(const Recorded& recorded) {
  return analysis::up_utilisation(recorded.run.hops[0], recorded.run.duration);
}

/// A message as its request shows it.
struct Seen {
  std::size_t device;
  double bytes, from, until;
};

/// The messages of hop 0 in one direction. REQUIRES: there are no failures, and the only
/// computation is on the server, in no time.
std::vector<Seen> messages_of(const Recorded& recorded, Seconds latency, bool up) {
  std::vector<Seen> seen;
  for (const RequestRecord& r : recorded.requests) {
    const double from = up ? r.arrival.si() : (r.completion - r.download).si();
    const double until =
        up ? from + (r.upload_wait + r.upload - latency).si() : (r.completion - latency).si();
    seen.push_back({r.device, (up ? r.upload_bytes : r.download_bytes).si(), from, until});
  }
  return seen;
}

/// Returns the largest number of messages present at once on any of the links that `link_of` names.
/// A message that leaves when another one comes makes room for it.
template <class LinkOf>
std::int64_t most_at_once(const std::vector<Seen>& seen, LinkOf link_of) {
  std::map<std::size_t, std::vector<std::pair<double, int>>> changes;
  for (const Seen& message : seen) {
    changes[link_of(message.device)].emplace_back(message.from, 1);
    changes[link_of(message.device)].emplace_back(message.until - 1e-7, -1);
  }
  std::int64_t most = 0;
  for (auto& [link, times] : changes) {
    std::sort(times.begin(), times.end());
    std::int64_t present = 0;
    for (const auto& [time, change] : times) {
      present += change;
      most = std::max(most, present);
    }
  }
  return most;
}

/// Recomputes the load of links of that rate, by link_of(device).
template <class LinkOf>
void check_load(const std::vector<Seen>& seen, const LinkLoad& load, std::size_t links, double rate,
                LinkOf link_of) {
  std::map<std::size_t, double> offered;
  double last = 0, sum = 0, worst = 0;
  for (const Seen& message : seen) {
    offered[link_of(message.device)] += message.bytes;
    sum += message.bytes;
    last = std::max(last, message.from);
  }
  for (const auto& [link, bytes] : offered) {
    worst = std::max(worst, bytes / (rate * last));
  }
  CHECK(load.offered.si() == sum);
  CHECK(load.capacity.si() == about(static_cast<double>(links) * rate * last));
  CHECK(load.worst == about(worst));
  CHECK(load.most == most_at_once(seen, link_of));
}

}  // namespace

TEST_CASE("link books: a private link at load 1.2") {
  // Messages of 1.2 s each second: message k waits 0.2 k. When the last one comes, at 299, 249 have
  // left, and 50 x 1.2 s = 60 s are more than a twentieth of the 360 s that the run takes.
  const Times arrivals{every(1, 300)};
  for (const Recorded& recorded : run_both(senders(arrivals, 1, 12))) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(recorded.run.duration.si() == about(360));
    CHECK(hop.up_load.offered == Bytes(3600));
    CHECK(hop.up_load.capacity.si() == about(2990));
    CHECK(hop.up_load.worst == about(3600.0 / 2990));
    CHECK(hop.up_load.most == 51);
    CHECK(hop.up_load.verdict == Verdict::overloaded);
    CHECK(hop.up_traffic.waited.si() == about(0.2 * 299 * 300 / 2));
    CHECK(hop.up_traffic.mean_messages == about((1.2 * 300 + 0.2 * 299 * 300 / 2) / 360));
    CHECK(hop.up_traffic.left == 0);
    CHECK(hop.up_traffic.in_part == Bytes(0));
    CHECK(up_utilisation(recorded) == about(1));
    CHECK(hop.down_load.verdict == Verdict::stable);
    CHECK(recorded.run.tiers[0].verdict == Verdict::stable);
    CHECK(recorded.run.tiers[1].verdict == Verdict::stable);
  }
}

TEST_CASE("link books: a private link at load 0.5") {
  const Times arrivals{every(2.4, 300)};
  for (const Recorded& recorded : run_both(senders(arrivals, 1, 12))) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up_load.offered.si() / hop.up_load.capacity.si() == about(300 * 1.2 / (299 * 2.4)));
    CHECK(hop.up_load.most == 1);
    CHECK(hop.up_load.verdict == Verdict::stable);
    CHECK(hop.up_traffic.waited.si() == about(0));
    CHECK(up_utilisation(recorded) == about(360 / (299 * 2.4 + 1.2)));
  }
}

TEST_CASE("link books: headers take their share of the bandwidth") {
  // As at load 1.2, with half the bytes on links that carry messages at half their rate.
  const Times arrivals{every(1, 300)};
  Simulation simulation = senders(arrivals, 1, 6);
  simulation.hops[0].hop.payload = 0.5;
  simulation.hops[0].hop.per_message = Seconds(2);  // Keeps no link busy.
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up_load.offered == Bytes(1800));
    CHECK(hop.up_load.capacity.si() == about(1495));
    CHECK(hop.up_load.offered_load() == about(1800.0 / 1495));
    CHECK(hop.up_load.verdict == Verdict::overloaded);
    CHECK(hop.up_traffic.waited.si() == about(0.2 * 299 * 300 / 2));
    CHECK(up_utilisation(recorded) == about(360.0 / 362));
  }
  // Four devices send 6 B each second, over an uplink that carries 20 of its 40 B/s.
  const Times four{every(1, 300), every(1, 300), every(1, 300), every(1, 300)};
  simulation = senders(four, 4, 6);
  simulation.hops[0].site = Link::Uplink{4, BytesPerSecond(40), BytesPerSecond(40), 0.5};
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up_load.verdict == Verdict::stable);
    CHECK(hop.site_up_load.offered_load() == about(1.2 * 300 / 299));
    CHECK(hop.site_up_load.verdict == Verdict::overloaded);
  }
}

TEST_CASE("link books: the stalls of a connection are no wait") {
  // 10 segments per second and a round trip of 2 s. Each of the two messages of 30 segments sends
  // 4 until 0.4 s, 8 from 2 s, 16 from 4 s and 2 from 6 s on.
  const double segment = partition::kSegment.si();
  const Times arrivals{{0, 40}};
  Simulation simulation = senders(arrivals, 1, 30 * segment);
  simulation.hops[0].hop = {.up = BytesPerSecond(10 * segment),
                            .down = BytesPerSecond(10 * segment),
                            .latency = Seconds(1),
                            .tcp = partition::Tcp{.initial_window = 4}};
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(recorded.run.duration.si() == about(47.2));
    CHECK(hop.up_traffic.waited.si() == about(0));
    CHECK(hop.up_traffic.mean_messages == about(12.4 / 47.2));
    CHECK(hop.up_load.offered_load() == about(60.0 / 400));
    CHECK(hop.up_load.held == Bytes(0));
  }
}

TEST_CASE(
    "link books: a device that opens a connection for each message sends no other meanwhile") {
  // Each message of 4 segments waits 2 s and is sent in 0.4 s. One comes every 2 s: a load of 1.2,
  // although the link is busy for a sixth of the time.
  const double segment = partition::kSegment.si();
  const Times arrivals{every(2, 300)};
  Simulation simulation = senders(arrivals, 1, 4 * segment);
  simulation.hops[0].hop = {.up = BytesPerSecond(10 * segment),
                            .down = BytesPerSecond(10 * segment),
                            .latency = Seconds(1),
                            .tcp = partition::Tcp{.initial_window = 4, .handshake = true}};
  for (const Recorded& recorded : run_both(simulation)) {
    const LinkLoad& load = recorded.run.hops[0].up_load;
    CHECK(recorded.run.duration.si() == about(300 * 2.4 + 1));
    CHECK(load.offered == Bytes(300 * 4 * segment));
    CHECK(load.held.si() == about(300 * 20 * segment));
    CHECK(load.offered_load() == about(1.2 * 300 / 299));
    CHECK(load.worst == about(1.2 * 300 / 299));
    CHECK(load.verdict == Verdict::overloaded);
    CHECK(up_utilisation(recorded) == about(120.0 / 721));
  }
}

TEST_CASE("link books: a run that is stopped counts what has crossed until then") {
  // As at load 1.2, for 100.6 s: 101 messages came, 83 have left, and 10 B of the next one have
  // crossed. Those that are left came at 83 to 100.
  const Times arrivals{every(1, 300)};
  Simulation simulation = senders(arrivals, 1, 12);
  simulation.stop = {.after = Seconds(100.6)};
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up == Bytes(83 * 12));
    CHECK(hop.up_traffic.in_part.si() == about(10));
    CHECK(hop.up_traffic.left == 18);
    CHECK(up_utilisation(recorded) == about(1));
    CHECK(recorded.run.in_flight == 18);
    CHECK(recorded.run.in_flight_age.si() == about(18 * (100.6 - 91.5)));
    CHECK(recorded.run.oldest_in_flight.si() == about(17.6));
  }
}

TEST_CASE("link books: messages on a shared link wait for what they would not alone") {
  // Two of 10 B from 0, on 10 B/s for both: until 2 instead of 1. A third one alone.
  const Times arrivals{{0, 5}, {0}};
  Simulation simulation = senders(arrivals, 2, 10);
  simulation.hops[0].shared = true;
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up_traffic.waited.si() == about(2));
    CHECK(hop.up_traffic.mean_messages == about(5.0 / 6));
    CHECK(hop.up_load.capacity.si() == about(50));
    CHECK(hop.up_load.worst == about(30.0 / 50));
    CHECK(hop.up_load.most == 2);
  }
}

TEST_CASE("link books: a shared link at load 1.2 and 0.5") {
  // Two devices send at once: each message takes 1.2 s of the link alone.
  for (const bool heavy : {true, false}) {
    const Times arrivals{every(heavy ? 2 : 4.8, 150), every(heavy ? 2 : 4.8, 150)};
    Simulation simulation = senders(arrivals, 2, 12);
    simulation.hops[0].shared = true;
    for (const Recorded& recorded : run_both(simulation)) {
      const LinkLoad& load = recorded.run.hops[0].up_load;
      CHECK(load.offered.si() / load.capacity.si() ==
            about(heavy ? 3600.0 / 2980 : 3600.0 / (149 * 48)));
      CHECK(load.verdict == (heavy ? Verdict::overloaded : Verdict::stable));
      CHECK(up_utilisation(recorded) == about(heavy ? 1 : 360 / (149 * 4.8 + 2.4)));
    }
  }
}

TEST_CASE("link books: one overloaded link of ten") {
  // The first device sends 24 B each second, the others 1 B: 0.33 of all links.
  std::vector<double> times = every(1, 200);
  const Times arrivals{times, times, times, times, times, times, times, times, times, times};
  Simulation simulation = senders(arrivals, 10, 0);
  std::vector<Bytes>& bytes = simulation.itineraries[0].crossings[0].up_bytes_of_input;
  bytes.assign(10, Bytes(1));  // Requests come in the order of the devices.
  bytes[0] = Bytes(24);
  for (const Recorded& recorded : run_both(simulation)) {
    const LinkLoad& load = recorded.run.hops[0].up_load;
    CHECK(load.offered.si() / load.capacity.si() == about(200 * 33.0 / (199 * 100)));
    CHECK(load.worst == about(200 * 24.0 / (199 * 10)));
    CHECK(load.saturated == 1);
    CHECK(load.verdict == Verdict::overloaded);
  }
}

TEST_CASE("link books: a link that is offered more than others by chance is not overloaded") {
  // 110 messages of 1.1 s each second, where the other link has none: 1.11, within four standard
  // deviations of 110 arrivals, 1.38.
  const Times arrivals{every(1, 110), {}};
  const LinkLoad load = record(senders(arrivals, 2, 11)).run.hops[0].up_load;
  CHECK(load.worst == about(110 * 11.0 / 1090));
  CHECK(load.saturated == 0);
  CHECK(load.verdict == Verdict::stable);
}

TEST_CASE("link books: the wait for a saturated uplink is not that of the own links before it") {
  // Four devices of 10 B/s share an uplink of 20 B/s, and send 6 B each second: 24 B/s.
  const Times arrivals{every(1, 300), every(1, 300), every(1, 300), every(1, 300)};
  Simulation simulation = senders(arrivals, 4, 6);
  simulation.hops[0].site = Link::Uplink{4, BytesPerSecond(20), BytesPerSecond(20)};
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(hop.up_load.verdict == Verdict::stable);
    CHECK(hop.up_load.offered.si() / hop.up_load.capacity.si() == about(0.6 * 300 / 299));
    CHECK(hop.site_up_load.verdict == Verdict::overloaded);
    CHECK(hop.site_up_load.offered.si() / hop.site_up_load.capacity.si() == about(1.2 * 300 / 299));
    // The uplink is busy from 0 to the end, at 7200 B / 20 B/s.
    CHECK(recorded.run.duration.si() == about(360));
    CHECK(analysis::link_utilisation(hop.up + hop.up_traffic.in_part, hop.site_up, hop.site_links,
                                     recorded.run.duration) == about(1));
  }
}

TEST_CASE("link books: where own links and uplinks have the same load, neither is acquitted") {
  // A message of 2 s at 0, and 119 of them at 1000: a load of 0.24, and a backlog of 238 s.
  std::vector<double> times(120, 1000.0);
  times[0] = 0;
  const Times arrivals{times};
  Simulation simulation = senders(arrivals, 1, 20);
  simulation.hops[0].site = Link::Uplink{1, BytesPerSecond(10), BytesPerSecond(10)};
  for (const Recorded& recorded : run_both(simulation)) {
    CHECK(recorded.run.hops[0].up_load.verdict == Verdict::backlogged);
    CHECK(recorded.run.hops[0].site_up_load.verdict == Verdict::backlogged);
  }
}

TEST_CASE("link books: links that are down have no capacity, and lost parts have crossed") {
  // 100 B from 0, of which 30 B have crossed when the link goes down at 3; again from 6 to 16. The
  // other link, of device 1, carries nothing. The last message comes at 5, and waits for the first.
  const Times arrivals{{0, 5}, {}};
  Simulation simulation = senders(arrivals, 2, 100);
  simulation.hops[0].faults.outages = {{0, Seconds(3), Seconds(6)}};
  for (const Recorded& recorded : run_both(simulation)) {
    const HopUsage& hop = recorded.run.hops[0];
    CHECK(recorded.run.duration.si() == about(26));
    CHECK(hop.up_lost == 1);
    CHECK(hop.up_load.offered == Bytes(200));  // The repetition is not offered again.
    CHECK(hop.up_load.capacity.si() == about(50 + 50 - 20));
    CHECK(hop.up_traffic.in_part.si() == about(30));
    CHECK(up_utilisation(recorded) == about(230 / (2 * 10 * 26.0)));
  }
}

TEST_CASE("link books: random messages, recomputed from their requests") {
  const Seconds latency(0.25);
  for (const int kind : {0, 1, 2, 3}) {  // Private, shared, two kinds of uplinks.
    const auto arrivals = make_arrivals("poisson", {{"rate", 0.5}});
    Simulation simulation = senders(*arrivals, 6, 0);
    simulation.stop.requests = 2000;
    simulation.hops[0].hop.latency = latency;
    simulation.hops[0].shared = kind == 1;
    const double rate = kind == 1 ? 45 : 10, site = kind == 2 ? 22 : 9;
    simulation.hops[0].hop.up = simulation.hops[0].hop.down = BytesPerSecond(rate);
    if (kind >= 2) {
      simulation.hops[0].site = Link::Uplink{3, BytesPerSecond(site), BytesPerSecond(site)};
    }
    Crossing& crossing = simulation.itineraries[0].crossings[0];
    crossing.comes_down = true;
    crossing.down_bytes = Bytes(7);
    for (std::size_t i = 0; i < 307; ++i) {
      crossing.up_bytes_of_input.emplace_back(1 + (i * 7919) % 23);
    }
    for (const Recorded& recorded : run_both(simulation)) {
      const HopUsage& hop = recorded.run.hops[0];
      for (const bool up : {true, false}) {
        INFO("kind ", kind, up ? " up" : " down");
        const std::vector<Seen> seen = messages_of(recorded, latency, up);
        double waited = 0, present = 0;
        for (const Seen& message : seen) {
          present += message.until - message.from;
          waited += message.until - message.from -
                    message.bytes / (kind >= 2 ? std::min(rate, site) : rate);
        }
        const Traffic& traffic = up ? hop.up_traffic : hop.down_traffic;
        CHECK(waited > 10);
        CHECK(traffic.waited.si() == doctest::Approx(waited).epsilon(1e-6));
        CHECK(traffic.mean_messages == about(present / recorded.run.duration.si()));
        check_load(seen, up ? hop.up_load : hop.down_load, hop.links, rate,
                   [&](std::size_t device) { return kind == 1 ? 0 : device; });
        if (kind >= 2) {
          check_load(seen, up ? hop.site_up_load : hop.site_down_load, 2, site,
                     [](std::size_t device) { return device / 3; });
        }
      }
    }
  }
}

TEST_CASE("link books: Little's law is checked") {
  const Times none{{}};
  const Simulation simulation = senders(none, 1, 0);
  const network::Places places(attachment_of(simulation.tiers, simulation.hops));
  const Legs legs(simulation);
  LinkBooks books(simulation, legs, places);
  Request request;
  request.bytes = Bytes(10);
  books.record_message(&request, 0);
  books.record_line_up(&request, 0);
  request.since = 1;  // It was present for 4 s.
  books.record_sent(&request, 4);
  std::vector<HopUsage> hops(1);
  hops[0].name = "hop";
  CHECK_THROWS_WITH_AS(books.close(10, {}, hops),
                       "Little's law does not hold on hop up: 4 s against 3 s", std::logic_error);
}

}  // namespace offcut::engine::link_books_test
