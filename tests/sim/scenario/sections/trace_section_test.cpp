#include "sim/scenario/sections/trace_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::trace_section_test {
namespace {

constexpr const char* kTrace =
    "time_s,up,down,latency\n"
    "0,8 Mbit/s,16 Mbit/s,10 ms\n"
    "1,0 Mbit/s,8 Mbit/s,30 ms\n"
    "3,16 Mbit/s,8 Mbit/s,10 ms\n";

/// A scenario with this link between two devices and a server.
std::string with_link(const std::string& link, int devices = 2) {
  return "offcut: 1\n"
         "stop: {requests: 5}\n"
         "model: {zoo: lenet5}\n"
         "tiers: {device: {is: raspberry-pi-4b, count: " +
         std::to_string(devices) +
         "}, edge: {is: t4}}\n"
         "network: {device-edge: " +
         link +
         "}\n"
         "plan: {algorithm: neurosurgeon}\n"
         "workload: {arrivals: poisson, rate: 1 /s}\n";
}

HopChoice hop_of(const std::string& link, int devices = 2) {
  return read_text(with_link(link, devices), kTrace).hops[0];
}

Messages wrong(const std::string& link, const std::string& trace = kTrace) {
  return messages_of([&] { read_text(with_link(link), trace); });
}

}  // namespace

TEST_CASE("trace section: a file's bandwidths and latencies, and their means for planners") {
  const HopChoice hop = hop_of("{is: lte, trace: trace.csv}");
  CHECK(hop.rates(true)[0].at(0) == doctest::Approx(1e6 * hop.hop.payload));
  CHECK(hop.rates(true)[1].at(2) == 0);
  CHECK(hop.rates(false)[0].at(4) == doctest::Approx(1e6 * hop.hop.payload));
  CHECK(hop.rates(true)[0].at(5) == hop.rates(true)[0].at(0));  // It lasts for 5 s, and repeats.
  REQUIRE(hop.moving_latency.up);
  CHECK((*hop.moving_latency.up)[0].at(1) == 0.03);
  CHECK(hop.hop.up.si() == doctest::Approx((1 * 1e6 + 2 * 2e6) / 5));
  CHECK(hop.hop.down.si() == doctest::Approx((1 * 2e6 + 4 * 1e6) / 5));
  CHECK(hop.hop.latency.si() == doctest::Approx(0.018));
  CHECK(hop.trace_ends == Seconds(5));
  // Without a kind of link, the file has all figures; stated ones are those of planners.
  CHECK(hop_of("{trace: trace.csv}").hop.up.si() == doctest::Approx(1e6));
  CHECK(hop_of("{trace: trace.csv, up: 1 Mbit/s}").hop.up.si() == 125e3);
  CHECK(hop_of("{trace: trace.csv, up: 1 Mbit/s}").rates(true)[0].at(0) == 1e6);
}

TEST_CASE("trace section: one direction, scale and clip, and the ends of a trace") {
  const HopChoice up = hop_of("{trace: {up: trace.csv}, down: 8 Mbit/s}");
  CHECK(up.rates(true)[0].at(3) == 2e6);
  CHECK(!up.moving_rates.down);
  CHECK(up.rates(false)[0].at(3) == 1e6);
  const HopChoice scaled =
      hop_of("{trace: {file: trace.csv, scale: 0.5, clip: [1 Mbit/s, 6 Mbit/s]}}");
  CHECK(scaled.rates(true)[0].at(0) == 5e5);
  CHECK(scaled.rates(true)[0].at(1) == 125e3);
  CHECK(scaled.rates(true)[0].at(3) == 75e4);
  const HopChoice hold = hop_of("{trace: {file: trace.csv, loop: hold}}");
  CHECK(hold.rates(true)[0].at(1e6) == 2e6);
  const HopChoice end = hop_of("{trace: {file: trace.csv, loop: end, offset: [0 s, 2 s]}}");
  REQUIRE(end.faults.outages.size() == 2);
  CHECK(end.faults.outages[1].which == 1);
  CHECK(end.faults.outages[1].from == Seconds(3));
  CHECK(end.faults.outages[1].until == engine::kNever);
  CHECK(end.trace_ends == Seconds(3));
}

TEST_CASE("trace section: files are dealt to devices, each with an offset of its own") {
  const HopChoice two = hop_of("{trace: {file: trace.csv, offset: [0 s, 1 s]}}", 3);
  CHECK(two.rates(true)[0].at(0) == 1e6);
  CHECK(two.rates(true)[1].at(0) == 0);
  CHECK(two.rates(true)[2].at(0) == 1e6);
  const HopChoice drawn = hop_of("{trace: {file: [trace.csv, trace.csv], offset: random}}", 50);
  const HopChoice again = hop_of("{trace: {file: [trace.csv, trace.csv], offset: random}}", 60);
  int zero = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    zero += drawn.rates(true)[i].at(0) == 0 ? 1 : 0;
    CHECK(drawn.rates(true)[i].next_change(0) == again.rates(true)[i].next_change(0));
  }
  CHECK(zero > 8);  // Two fifths of the time.
  CHECK(zero < 35);
}

TEST_CASE("trace section: uplinks follow traces, too") {
  const HopChoice hop =
      hop_of("{up: 1 Gbit/s, down: 1 Gbit/s, latency: 1 ms, site: {devices: 1, trace: trace.csv}}");
  REQUIRE(hop.site);
  CHECK(hop.site->rates(true)[1].at(3) == 2e6);
  CHECK(hop.site->up.si() == doctest::Approx(1e6));
}

TEST_CASE("rates section: kinds of rates, jitter and losses") {
  const std::string figures = "up: 8 Mbit/s, down: 16 Mbit/s, latency: 10 ms, ";
  const HopChoice markov = hop_of("{" + figures + "rates: {kind: markov, preset: 3g}}");
  REQUIRE(markov.moving_rates.up);
  CHECK((*markov.moving_rates.up)[0].next_change(0) != (*markov.moving_rates.up)[1].next_change(0));
  CHECK(markov.hop.up == BytesPerSecond(1e6));
  const HopChoice steps =
      hop_of("{" + figures + "rates: {kind: steps, at: 18 h, up: 2 Mbit/s, period: 24 h}}");
  CHECK(steps.rates(true)[0].at(17 * 3600.0) == 1e6);
  CHECK(steps.rates(true)[0].at(42.5 * 3600.0) == 25e4);
  CHECK(steps.hop.up.si() == doctest::Approx(0.75e6 + 0.25 * 25e4));
  const HopChoice disturbed =
      hop_of("{" + figures + "jitter: {mean: 5 ms, kind: gamma, cv: 2}, loss: {probability: 1 %}}");
  REQUIRE(disturbed.jitter);
  CHECK(disturbed.jitter->kind == network::Jitter::Kind::gamma);
  CHECK(disturbed.jitter->mean == Seconds(0.005));
  REQUIRE(disturbed.loss);
  CHECK(disturbed.loss->probability == 0.01);
  CHECK(disturbed.loss->time_out == Seconds(0.2));
}

TEST_CASE("links section: empirical jitter and a burst") {
  const std::string figures = "up: 8 Mbit/s, down: 16 Mbit/s, latency: 10 ms, ";
  const std::string delays = "up_s,down_s\n0.001,0.004\n0.003,0.006\n";
  const std::string link = "{" + figures +
                           "burst: 3 kB, jitter: {kind: empirical, file: trace.csv, up: up_s, "
                           "down: down_s}}";
  const HopChoice hop = read_text(with_link(link), delays).hops[0];
  CHECK(hop.burst == Bytes(3000));
  REQUIRE(hop.jitter);
  CHECK(hop.jitter->up == std::vector<Seconds>{Seconds(0.001), Seconds(0.003)});
  CHECK(hop.jitter->down == std::vector<Seconds>{Seconds(0.004), Seconds(0.006)});
  CHECK(hop.jitter->mean.si() == doctest::Approx(0.0035));
  const auto errors = [&](const std::string& more, const std::string& file) {
    return wrong("{" + figures + more + "}", file).size();
  };
  CHECK(errors("jitter: {kind: empirical}", delays) == 1);
  CHECK(errors("jitter: {kind: empirical, file: trace.csv}", delays) == 2);  // Either direction.
  CHECK(errors("jitter: {kind: empirical, file: trace.csv, mean: 1 ms}", "0.5\n") == 1);
  CHECK(errors("jitter: {kind: empirical, file: trace.csv}", "0.5\n") == 0);
  CHECK(errors("jitter: {kind: empirical, file: trace.csv}", "2e6\n") >= 1);
  CHECK(errors("jitter: {mean: 1 ms, file: trace.csv}", delays) == 1);
  CHECK(errors("burst: 3 kB, rates: {kind: lognormal}", delays) == 1);
}

TEST_CASE("trace section: one error each, in the scenario or in the file") {
  CHECK(wrong("{trace: trace.csv}", "time_s,up\n0,1 Mbit/s\n").size() ==
        2);  // Missing: down and latency.
  CHECK(wrong("{is: lte, trace: nowhere.csv}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, up: trace.csv}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {lop: hold}}").size() == 2);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, loop: once}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, offset: 3}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, clip: [2 Mbit/s, 1 Mbit/s]}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, clip: 2 Mbit/s}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, format: mahimai}}").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: []}}").size() == 1);
  CHECK(wrong("{is: lte, trace: trace.csv}", "").size() == 1);
  CHECK(wrong("{is: lte, trace: trace.csv}", "time_s,up\n0,0 B/s\n").size() == 1);
  CHECK(wrong("{is: lte, trace: {file: trace.csv, loop: hold}}", "time_s,up\n0,1 B/s\n1,0 B/s\n")
            .size() == 1);
  CHECK(wrong("{is: lte, trace: trace.csv, rates: {kind: lognormal}}").size() == 1);
  CHECK(wrong("{is: lte, rates: {kind: markof}}").size() == 1);
  CHECK(wrong("{is: lte, rates: {kind: markov, preset: own, levels: [1]}}").size() == 1);
  CHECK(wrong("{is: lte, jitter: {mean: 5}}").size() == 1);
  CHECK(wrong("{is: lte, loss: {probability: 2}}").size() == 1);
}

}  // namespace offcut::scenario::trace_section_test
