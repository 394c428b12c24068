// A measured link as a hop of a scenario. Figures have four digits, which is more than a
// measurement repeats; what they spread over stands beside them.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/cli/probe_command.h"

namespace offcut::cli {
namespace {

constexpr double kBitsPerByte = 8;

std::string rate_text(double bytes_per_s) {
  const double bits_per_s = bytes_per_s * kBitsPerByte;
  return bits_per_s < 1e9 ? fmt::format("{:.4g} Mbit/s", bits_per_s / 1e6)
                          : fmt::format("{:.4g} Gbit/s", bits_per_s / 1e9);
}

std::string time_text(double seconds) { return fmt::format("{:.4g} ms", seconds * 1e3); }

/// The bandwidth of the link, headers of packets included.
std::string rate_line(const std::string& key, const runtime::Spread& rate, double payload) {
  return fmt::format("{}: {}  # 10 % {}, 90 % {}\n", key, rate_text(rate.median / payload),
                     rate_text(rate.low / payload), rate_text(rate.high / payload));
}

std::string jitter_text(const runtime::LinkFigures& figures) {
  const double cv = figures.jitter_cv();
  constexpr double kAlike = 0.25;  // A cv that a few hundred messages do not tell from 1.
  std::string shape;
  if (std::abs(cv - 1) > kAlike) {
    shape = fmt::format(", kind: lognormal, cv: {:.0f} %", std::max(1.0, 100 * cv));
  }
  return fmt::format("{{mean: {}{}}}", time_text(figures.jitter_mean().si()), shape);
}

/// Says by what messages over new and idle connections differ from those over one in use.
std::string transport_text(const runtime::LinkFigures& figures) {
  const Seconds round_trip = figures.shortest_round_trip();
  const runtime::DirectionFigures& up = figures.up;
  const runtime::DirectionFigures& down = figures.down;
  const bool starts_slowly =
      up.is_slower(up.fresh, round_trip) || down.is_slower(down.fresh, round_trip);
  const bool restarts = up.is_slower(up.idle, round_trip) || down.is_slower(down.idle, round_trip);
  if (!starts_slowly && !restarts) {
    return "none";
  }
  return fmt::format("{{tcp: {{idle-restart: {}}}}}", restarts);
}

}  // namespace

std::string hop_text(const runtime::LinkFigures& figures, const std::string& address) {
  const runtime::Spread round_trip = runtime::spread_of(figures.round_trips);
  return fmt::format(
             "# Measured by offcut probe {}: a hop of a scenario,\n"
             "#   network: {{device-cloud: ...}}, or --set network.device-cloud=\"$(cat FILE)\"\n",
             address) +
         rate_line("up", figures.up.rate, figures.payload) +
         rate_line("down", figures.down.rate, figures.payload) +
         fmt::format("payload: {:.4f}  # TCP's segments in their packets\n", figures.payload) +
         fmt::format("latency: {}  # {} round trips: 10 % {}, median {}, 90 % {}\n",
                     time_text(figures.latency().si()), round_trip.count, time_text(round_trip.low),
                     time_text(round_trip.median), time_text(round_trip.high)) +
         fmt::format("per-message: {}  # of the program, over this machine's loopback\n",
                     time_text(figures.own_message.si())) +
         fmt::format("jitter: {}\n", jitter_text(figures)) +
         fmt::format("transport: {}  # {} bytes up: in use {}, new {}, idle {}\n",
                     transport_text(figures), figures.up.cold_bytes,
                     time_text(figures.up.warm.median), time_text(figures.up.fresh.median),
                     time_text(figures.up.idle.median));
}

}  // namespace offcut::cli
