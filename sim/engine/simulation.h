#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "partition/problem.h"
#include "sim/workload/arrivals.h"

namespace offcut {

/// How service times scatter around the plan's. The mean is always the plan's time.
struct Noise {
  enum class Kind { none, lognormal, exponential };
  Kind kind = Kind::none;
  double cv = 0;  // lognormal: standard deviation / mean
};

/// A tier under one plan. Tier 0 is the devices: `servers` of them, each with its own queue and its
/// own requests, which it may serve a second time when their answers are back. A later tier has
/// `servers` machines that serve one queue, first come first served.
struct TierLoad {
  std::string name;
  std::size_t servers = 1;
  bool used = false;  // has layers; otherwise it only relays
  Seconds service;    // of one request
  Seconds tail;       // tier 0 only: of one request, once its answer is back
  Noise noise;
};

/// A hop under one plan.
struct HopLoad {
  std::string name;
  Hop hop;
  bool shared = false;  // hop 0 only: one pair of links for all devices instead of a pair for each
  bool goes_up = false;
  Bytes up_bytes;
  /// Where requests differ in what they send up: request r sends the element r modulo their number.
  std::vector<Bytes> up_bytes_of_input;
  bool comes_down = false;
  Bytes down_bytes;

  Bytes up_bytes_of(std::int64_t request) const {
    return up_bytes_of_input.empty()
               ? up_bytes
               : up_bytes_of_input[static_cast<std::size_t>(request) % up_bytes_of_input.size()];
  }
};

/// When to end: after that many arrivals, all answered, or at that time with what is then in
/// flight. One is set.
struct Stop {
  std::optional<std::int64_t> requests;
  std::optional<Seconds> after;
};

/// All that the engine needs: plain data, no YAML, no graph, no SimGrid.
struct Simulation {
  std::uint64_t seed = 1;
  std::vector<TierLoad> tiers;
  std::vector<HopLoad> hops;
  const Arrivals* arrivals = nullptr;
  bool closed_loop = false;
  Stop stop;
};

/// One request. Once it is answered, the parts add up to completion - arrival.
struct RequestRecord {
  std::int64_t request = 0;  // in order of arrival, from 0
  std::size_t device = 0;
  bool completed = false;  // else it was still in flight when the run was stopped
  Seconds arrival;
  Seconds completion;
  Seconds device_wait;  // in the device's queue
  Seconds device_compute;
  Seconds upload_wait;  // until the device has sent its earlier messages
  Seconds upload;       // on all hops: transfer and latency
  Seconds server_wait;  // on all later tiers
  Seconds server_compute;
  Seconds download;  // the answer's way back

  Seconds latency() const { return completion - arrival; }
};

struct TierUsage {
  std::string name;
  std::size_t servers = 0;
  Seconds busy;  // summed over servers
  std::int64_t served = 0;
  Seconds waited;  // summed over requests
};

struct HopUsage {
  std::string name;
  std::size_t links = 0;  // pairs
  Hop hop;
  Bytes up, down;  // carried
  std::int64_t up_messages = 0, down_messages = 0;
};

struct RunRecord {
  std::int64_t arrived = 0;
  std::int64_t completed = 0;
  std::int64_t dropped = 0;
  std::int64_t in_flight = 0;
  Seconds duration;  // until the last answer, or the time at which it was stopped
  std::vector<TierUsage> tiers;
  std::vector<HopUsage> hops;
};

using RequestSink = std::function<void(const RequestRecord&)>;
using ProgressSink = std::function<void(double done)>;  // 0 to 1

/// Runs the simulation to its end; `sink` gets each request when it is answered. Same input, same
/// calls.
///
/// Semantics: each device serves its requests first come first served, then sends one message after
/// another; messages that meet on a link share it max-min; latency is added once per hop; a tier
/// between relays whole messages; the answer comes back hop by hop. One simulation per process
/// (SimGrid's clock is global): std::logic_error on the second. See isolate.h. Checks at the end
/// that no request is lost (std::logic_error).
RunRecord simulate(const Simulation& simulation, const RequestSink& sink,
                   const ProgressSink& progress = {});

/// "3.32": for resolved.yaml and reports.
std::string simgrid_version();

}  // namespace offcut
