#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "partition/problem.h"
#include "sim/engine/itinerary.h"
#include "sim/network/attachment.h"
#include "sim/network/faults.h"
#include "sim/network/rates.h"
#include "sim/scheduling/scheduling.h"
#include "sim/workload/arrivals.h"

namespace offcut::engine {

inline constexpr Seconds kNever{std::numeric_limits<double>::infinity()};

/// How service times vary around the plan's. The mean is always the plan's time.
struct Noise {
  enum class Kind { none, lognormal, exponential };
  Kind kind = Kind::none;
  double cv = 0;  // lognormal: standard deviation / mean
};

/// The machines of a tier. Tier 0 is the devices: each has its own queue and its own requests,
/// which it may serve a second time when their answers are back.
struct Tier {
  std::string name;
  std::size_t servers = 1;
  std::size_t cores = 1;  // of each: so many requests, or batches, are computed at once
  Noise noise;
  scheduling::Scheduling scheduling;
  /// Later tiers: devices and servers stand at so many sites, in order and in equal numbers, and a
  /// device's requests are served by its own site. REQUIRES: divides `servers`.
  std::size_t sites = 1;
  std::optional<Bytes> memory;  // of each server, for models; none: all fit
  BytesPerSecond load{1e9};     // at which a model comes into memory, see load_rate()
  network::Faults faults;       // of the servers

  /// The rate over time at which a model comes into memory. The engine loads all models with it.
  network::Rate load_rate() const { return network::Rate(load); }
};

/// The links of a hop, which connect a tier with the next.
struct Link {
  std::string name;
  partition::Hop hop;
  bool shared = false;  // hop 0 only: one pair of links for all devices instead of a pair for each
  /// Hop 0 only: a pair of links that so many devices share, in order, after their own links.
  struct Uplink {
    std::size_t devices = 1;
    BytesPerSecond up, down;

    /// The bandwidths over time, by uplink.
    network::Rates rates(bool upwards) const { return network::Rate(upwards ? up : down); }
  };
  std::optional<Uplink> site;
  network::Faults faults;  // of the links: of the devices' own, or of the one that all share

  /// The bandwidths over time, by link: all links of a hop are alike today, and a trace for each
  /// device would be given out here. The engine computes all transfers with them.
  network::Rates rates(bool upwards) const { return network::Rate(upwards ? hop.up : hop.down); }
};

/// The name of a class that is a simulation's only one.
inline constexpr const char* kOnlyClass = "all";

/// Requests of one kind: who asks for which model, and what becomes of a request that fails or
/// comes late.
struct RequestClass {
  std::string name = kOnlyClass;
  /// Classes with the same number ask for the same model; none: the class has a model of its own.
  /// Itineraries may give a model's weights on a tier different sizes. A server's memory holds each
  /// size once.
  std::optional<std::size_t> model;
  const workload::Arrivals* arrivals = nullptr;
  bool closed_loop = false;
  bool in_total = false;      // one source for all devices, each of which is as likely to ask
  Seconds deadline = kNever;  // after its arrival
  int priority = 0;           // the lower, the more urgent
  network::FailurePolicy failures;
  std::size_t itinerary = 0;  // the default of its requests, in Simulation::itineraries
  /// What requests fall back to, in Simulation::itineraries: the device computes alone. REQUIRES:
  /// set if the failure policy falls back.
  std::optional<std::size_t> fallback;
};

/// When to end: after that many arrivals, all ended, or at that time with what is then in flight.
/// One is set.
struct Stop {
  std::optional<std::int64_t> requests;
  std::optional<Seconds> after;
};

/// What holds for a run as a whole.
struct RunSettings {
  std::uint64_t seed = 1;
  Stop stop;
  /// Serve by ourselves what SimGrid would give the same: see FairShares. Off: SimGrid serves all
  /// links and all processor sharing.
  bool own_links = true;
};

/// All that the engine needs: plain data, no YAML, no graph, no SimGrid.
struct Simulation : RunSettings {
  std::vector<Tier> tiers;
  std::vector<Link> hops;
  std::vector<RequestClass> classes;
  std::vector<Itinerary> itineraries;  // which classes name

  /// The default of a class. REQUIRES: the class names an existing one.
  Itinerary& itinerary_of(std::size_t request_class) {
    return itineraries[classes[request_class].itinerary];
  }
  const Itinerary& itinerary_of(std::size_t request_class) const {
    return itineraries[classes[request_class].itinerary];
  }
};

enum class Ending : std::uint8_t { in_flight, completed, dropped };
using DropReason = std::uint16_t;  // an index of drop_reasons()

/// One request. Once it is answered, the parts add up to completion - arrival.
struct RequestRecord {
  std::int64_t request = 0;  // in order of arrival, from 0
  std::size_t device = 0;
  std::size_t request_class = 0;
  Ending ending = Ending::in_flight;
  DropReason reason = 0;       // where it was dropped
  std::uint16_t failures = 0;  // transfers and computations that were lost
  bool fell_back = false;      // was computed by the device alone
  Seconds arrival;
  Seconds completion;   // or when it was dropped
  Seconds device_wait;  // in the device's queue
  Seconds device_compute;
  Seconds upload_wait;  // until the device has sent its earlier messages
  Seconds upload;       // on all hops: transfer and latency
  Seconds server_wait;  // on all later tiers
  Seconds server_compute;
  Seconds download;  // the answer's way back
  Seconds lost;      // to failures: attempts that came to nothing, and what it waited before others
  Bytes upload_bytes;    // of the last message that its device sent for it
  Bytes download_bytes;  // of the last answer that was sent to its device

  bool completed() const { return ending == Ending::completed; }
  Seconds latency() const { return completion - arrival; }
};

/// Whether a tier could serve its load.
enum class Verdict : std::uint8_t {
  stable,
  backlogged,  // could serve its load in the long run, but had a backlog when the run ended
  overloaded   // its offered load was more than its capacity
};

struct TierUsage {
  std::string name;
  std::size_t servers = 0;  // cores in all
  Seconds busy;             // summed over cores
  std::int64_t served = 0;
  Seconds waited;            // summed over requests that were served
  std::int64_t batches = 0;  // that were computed; `served` where there is no batching
  std::int64_t rejected = 0;
  std::int64_t lost = 0;   // requests whose computation was lost
  std::int64_t loads = 0;  // of models into memory
  Seconds loading;         // busy with that; a part of `busy`
  Seconds offered;         // predicted work of all requests that came, each once
  Seconds capacity;  // what its cores could do, while they were up, until the last of them came
  /// Head-of-line blocking: of `waited`, how long a core of the queue's was busy with another
  /// class.
  Seconds blocked;
  std::int64_t most_waiting = 0;  // at one moment
  double mean_jobs = 0;           // waiting and running, over time
  Verdict verdict = Verdict::stable;
};

struct HopUsage {
  std::string name;
  std::size_t links = 0;              // pairs
  partition::Hop hop;                 // of one of them: mean bandwidths over the run, and latency
  std::size_t site_links = 0;         // pairs of uplinks after them
  BytesPerSecond site_up, site_down;  // of one of those: mean bandwidths over the run
  Bytes up, down;                     // carried
  std::int64_t up_messages = 0, down_messages = 0;
  std::int64_t up_lost = 0, down_lost = 0;  // messages
  bool up_is_ours = false;                  // served by FairShares instead of SimGrid
  bool down_is_ours = false;
};

struct ClassUsage {
  std::string name;
  std::int64_t arrived = 0, completed = 0, dropped = 0, in_flight = 0;
  std::int64_t late = 0;  // completed after their deadlines
  std::int64_t fell_back = 0;
  std::int64_t failures = 0;
};

struct DropCount {
  std::string reason;
  std::int64_t requests = 0;
};

struct RunRecord {
  std::int64_t arrived = 0;
  std::int64_t completed = 0;
  std::int64_t dropped = 0;
  std::int64_t in_flight = 0;
  Seconds duration;  // until the last request ended, or the time at which the run was stopped
  std::vector<TierUsage> tiers;
  std::vector<HopUsage> hops;
  std::vector<ClassUsage> classes;
  std::vector<DropCount> drops;  // by reason, those of drop_reasons()
  /// Jain's index over the devices that asked (Jain, Chiu, Hawe 1984): of the share of its requests
  /// that each got answered in time, and of the mean latency of its answers. 1: all alike.
  double fairness = 1;
  double latency_fairness = 1;
};

/// A dispatch or admission decision.
struct Decision {
  Seconds time;
  std::int64_t request = 0;
  std::size_t request_class = 0;
  std::size_t tier = 0;
  std::span<const scheduling::ServerState> servers;  // what it was decided from
  std::size_t first = 0;                             // the number of servers[0] in its tier
  std::size_t chosen = 0;                            // of `servers`
  bool admitted = true;
};

/// A machine or link that goes down or comes up, or a model that begins to be loaded or is evicted.
struct RunEvent {
  enum class Kind { machine_down, machine_up, link_down, link_up, model_loading, model_evicted };
  Kind kind;
  Seconds time;
  std::size_t where = 0;          // tier or hop
  std::size_t which = 0;          // machine or link
  std::size_t request_class = 0;  // the first one of the model
};

using RequestSink = std::function<void(const RequestRecord&)>;
using ProgressSink = std::function<void(double done)>;  // 0 to 1

/// The callbacks of a run, which cannot influence it. Any may be empty.
struct Observers {
  RequestSink request;  // each once: when it is answered or dropped, or at the end
  ProgressSink progress;
  std::function<void(const Decision&)> decision;
  std::function<void(const RunEvent&)> event;
};

class Controller;

/// Whether the servers compute all their requests at once (processor sharing).
bool shares(const Tier& tier);

/// How devices are attached in a system of these tiers and hops: ranges of Tier and Link, or of
/// what extends them. REQUIRES: what their fields say, at least one tier, and a hop between any
/// two.
template <class Tiers, class Hops>
network::Attachment attachment_of(const Tiers& tiers, const Hops& hops) {
  network::Attachment::Access access;
  access.devices = tiers[0].servers;
  if (!hops.empty()) {
    access.shared = hops[0].shared;
    if (hops[0].site) {
      access.devices_per_uplink = hops[0].site->devices;
    }
  }
  std::vector<network::Attachment::Machines> later;
  for (std::size_t i = 1; i < tiers.size(); ++i) {
    later.push_back({tiers[i].servers, tiers[i].sites});
  }
  return {access, later};
}

/// Why requests may be dropped in this simulation.
std::vector<std::string> drop_reasons(const Simulation& simulation);

/// Runs the simulation to its end. The same input gives the same calls of the observers.
///
/// Semantics: a device sends one message after another; messages that meet on a link share it
/// max-min; latency is added once per hop; a tier between relays whole messages; the answer comes
/// back hop by hop. Only failures preempt a computation. All models that fit are in memory
/// at the start. One simulation per process (SimGrid's clock is global): std::logic_error on the
/// second; run_isolated() gives each one its own. Checks at the end that no request is lost,
/// Little's law and that busy times are the services' sum, on independent books
/// (std::logic_error). REQUIRES: what the fields say, and times and sizes that are finite, not
/// negative and, of messages, whole (std::invalid_argument otherwise, with a line for each
/// error). Throws InputError if a scheduling policy throws or gives an invalid answer: see
/// scheduling/checked_policies.h.
RunRecord simulate(const Simulation& simulation, const Observers& observers);

/// The same with a controller that chooses the itinerary of each request; the version above uses
/// FixedPlans. Also throws std::invalid_argument if the controller hands out an invalid itinerary.
RunRecord simulate(const Simulation& simulation, const Observers& observers,
                   Controller& controller);

/// "3.32": for resolved.yaml and reports.
std::string simgrid_version();

}  // namespace offcut::engine
