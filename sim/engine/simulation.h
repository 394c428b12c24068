#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/cost/radio.h"
#include "partition/problem.h"
#include "sim/engine/itinerary.h"
#include "sim/engine/mobility/mobility.h"
#include "sim/engine/run_record.h"
#include "sim/engine/span.h"
#include "sim/engine/updates/updates.h"
#include "sim/network/attachment.h"
#include "sim/network/disturbance.h"
#include "sim/network/faults.h"
#include "sim/network/over_time.h"
#include "sim/network/rates.h"
#include "sim/scheduling/scheduling.h"
#include "sim/workload/arrivals.h"

namespace offcut::engine {

inline constexpr Seconds kNever{std::numeric_limits<double>::infinity()};

/// The variation of service times around the plan's. The mean is always the plan's time.
struct Noise {
  enum class Kind { none, lognormal, exponential, empirical };
  Kind kind = Kind::none;
  double cv = 0;                // Lognormal: standard deviation / mean.
  std::vector<double> factors;  // Empirical: equally likely ones, of mean 1.
};

/// The autoscaler of a tier, which decides at each of its sites in turn how many machines there
/// are. A machine that is taken away finishes what it has begun.
struct Autoscaler {
  scheduling::Choice<scheduling::AutoscalingKind> policy;
  std::size_t least = 1;     // Machines of each site. The most are all of the site's servers.
  std::size_t at_start = 1;  // Those of each site that serve from the start.
  Seconds start_up;          // From a decision until the new machine serves.
  Seconds interval{15};      // Between decisions.
  /// Machines are taken away once all decisions for this time called for fewer.
  Seconds scale_down_after{300};
};

/// The cold starts of a tier's machines: one that has been idle for too long takes some time before
/// it serves again. At the start of a run, machines are cold.
struct ColdStart {
  Seconds time;          // From the first request until the machine serves.
  Seconds idle_after;    // A machine that is idle for longer is cold.
  std::size_t keep = 0;  // The first machines of each site that are always warm.
};

/// The power draw of a machine. Between idle and busy, it is linear in the share of busy cores; a
/// machine that is down draws nothing.
struct MachinePower {
  std::optional<Watts> idle;  // None: unknown.
  std::optional<Watts> busy;  // All cores are busy.
  double pue = 1;             // The power of the site, divided by that of its machines.

  bool is_known() const { return idle && busy; }
};

/// The battery of a device, which its machine and its radio empty. A device with an empty battery
/// computes nothing, sends nothing, and asks nothing; its requests are dropped.
struct Battery {
  /// The mode below a share of the capacity.
  struct LowPower {
    double below = 0;  // A share of the capacity.
    double speed = 1;  // A factor of the speed of computations that begin in this mode.
    double power = 1;  // A factor of the power draw of the machine; that of the radio stays.
  };
  Joules capacity;
  double charge = 1;  // At the start, as a share of the capacity.
  std::optional<LowPower> low_power;
};

/// Alike machines of a later tier whose machines are not all alike.
struct MachineGroup {
  std::string name;
  std::vector<std::size_t> at_site;  // The number of machines, by site.
  std::size_t cores = 1;
  Noise noise;
  std::optional<Bytes> memory;  // As in Tier, like all that follow.
  BytesPerSecond load{1e9};
  MachinePower power;
};

/// The machines of a tier. Tier 0 holds the devices, or of several groups of devices the first one:
/// each has its own queue and its own requests, which it may serve a second time when their answers
/// are back.
struct Tier {
  std::string name;
  std::size_t servers = 1;
  std::size_t cores =
      1;  // The cores of each server. A core computes one request, or batch, at a time.
  Noise noise;
  scheduling::Scheduling scheduling;
  /// Later tiers: the number of sites. Servers are spread over them in order and in equal numbers,
  /// and each device's requests are served by its own site. REQUIRES: divides `servers`.
  std::size_t sites = 1;
  /// The servers are parts of machines, so many of each; their power draw is that of a part.
  std::size_t parts = 1;
  std::optional<Bytes> memory;  // The memory of each server for models. None: all models fit.
  BytesPerSecond load{1e9};     // The rate at which a model comes into memory: see load_rate().
  network::Faults faults;       // The outages of the servers.
  /// Tier 0 only, by device: its computations take so many times as long as the plan says. Plans do
  /// not know of it; queues and policies of the device do. Empty: all take as long.
  std::vector<double> slowness;
  MachinePower power;
  std::optional<Battery> battery;        // Tier 0 only. REQUIRES: its `power` is known.
  std::optional<Autoscaler> autoscaler;  // Later tiers. None: all servers exist for the whole run.

  std::optional<ColdStart> cold_start;  // None: all machines are always warm.
  /// Later tiers: groups of unlike machines, whose settings replace `cores`, `noise`, `memory`,
  /// `load` and `power`. A site's machines are numbered group by group. Without a dispatch rule,
  /// the free machine that computes a request fastest takes it. Empty: all machines are alike.
  /// REQUIRES: the numbers of machines add up to `servers`, and there is no autoscaler.
  std::vector<MachineGroup> groups;

  /// Returns the rate over time at which a model comes into memory. All models are loaded with it.
  network::Rate load_rate() const { return network::Rate(load); }
};

/// The links of a hop, which connects a tier with the next, or as a direct hop with a later one.
struct Link {
  std::string name;
  partition::Hop hop;
  /// Hops from devices only: one pair of links for all devices, instead of one for each.
  bool shared = false;
  /// Hops from devices to the next tier only: a pair of links after the devices' own, shared by
  /// this many of them, in order.
  struct Uplink {
    std::size_t devices = 1;
    BytesPerSecond up, down;
    double payload = 1;  // The share of them that carries messages: the hop's own.
    /// The number of uplinks; none: as many as the devices need. REQUIRES: at least as many.
    std::optional<std::size_t> count = {};
    /// By uplink: see Link::moving_rates. `up` and `down` are then their means.
    network::OverTime moving_rates = {};

    /// Returns the rate at which an uplink carries messages, or the mean of moving ones.
    BytesPerSecond rate(bool upwards) const { return (upwards ? up : down) * payload; }
    /// Returns the rates over time at which uplinks carry messages, by uplink.
    network::Rates rates(bool upwards) const {
      return moving_rates.or_else(upwards, rate(upwards).si());
    }
    /// Return the uplinks that so many devices need, and those that there are.
    std::size_t needed(std::size_t by_devices) const {
      const std::size_t each = std::max<std::size_t>(devices, 1);
      return (by_devices + each - 1) / each;
    }
    std::size_t number(std::size_t of_devices) const { return count.value_or(needed(of_devices)); }
  };
  std::optional<Uplink> site;
  /// Hops from devices only: the devices at one site share a Wi-Fi cell: see CellShares. The hop's
  /// rates are those of a station alone in its cell. REQUIRES: they do not change over time.
  struct Cell {
    std::size_t medium = 0;  // Hops with the same number share it.
    bool separate = false;   // Each direction has a medium of its own.
  };
  std::optional<Cell> cell = {};
  network::Faults faults;  // The outages of the devices' own links, or of the one that all share.
  /// Hops from the device only: that of each device. None: its power is unknown.
  std::optional<cost::Radio> radio;
  /// A direct hop: the tiers that it connects. None: tier i and the next one, if it is hop i; see
  /// ends_of() of core/legs.h. REQUIRES: there is one group of devices.
  struct Ends {
    std::size_t from, to;
  };
  std::optional<Ends> direct;
  /// By link: the rates at which they carry messages, without headers, where these change over
  /// time. While a rate is 0, messages wait. `hop` has the mean bandwidths, for predictions.
  network::OverTime moving_rates;
  /// By link: the latencies in seconds, where they change over time. A message has that of the
  /// moment at which its last bit leaves. `hop` has the mean latency, which is half the round trip
  /// of TCP.
  network::OverTime moving_latency;
  /// Random delays of each message, after its last bit has left. None: there are none.
  std::optional<network::Jitter> jitter;
  std::optional<network::Loss> loss;
  /// The bucket of the link's shaper: the bytes of messages that pass at once after a pause. It
  /// fills at the link's rate while nothing is on the link, and is full at the start. Messages that
  /// cross several hops at once do not use it. REQUIRES: 0 with a `site`, a `cell`, moving rates or
  /// SimGrid's links.
  Bytes burst = {};

  /// Returns the rates over time, by link, at which they carry messages.
  network::Rates rates(bool upwards) const {
    return moving_rates.or_else(upwards, hop.rate(upwards).si());
  }
};

/// The patience of clients: a request that has not got far enough in time gives up and is dropped.
/// It leaves its queue or link at once. A computation that has begun runs on, for nothing.
struct TimeOut {
  enum class Counts {
    /// The time in queues of machines and in the line of its device's messages, in total: it gives
    /// up only there.
    waiting,
    /// The time since its arrival, until the last tier that computes it, before a tail on the
    /// device, begins.
    unstarted,
    unanswered  // The time since its arrival, until its answer is back: it gives up anywhere.
  };
  Seconds after = kNever;
  Counts counts = Counts::unanswered;
};

/// The name of a simulation's only class.
inline constexpr const char* kOnlyClass = "all";

/// Requests of one kind: their model, their arrivals, their deadline, and their treatment after
/// failures.
struct RequestClass {
  std::string name = kOnlyClass;
  /// Classes with the same number use the same model; none: the class has a model of its own.
  /// Itineraries may give a model's weights on a tier different sizes. A server's memory holds each
  /// size once.
  std::optional<std::size_t> model;
  const workload::Arrivals* arrivals = nullptr;
  bool closed_loop = false;
  bool in_total = false;  // One source for all devices, which send with equal probabilities.
  /// The groups of devices that send its requests, in ascending order. Empty: all groups.
  std::vector<std::size_t> from;
  Seconds deadline = kNever;  // Counted from the arrival.
  int priority = 0;           // Lower is more urgent.
  network::FailurePolicy failures;
  std::size_t itinerary = 0;  // The default of its requests, an index of Simulation::itineraries.
  /// The itinerary that requests fall back to, on which the device computes alone. REQUIRES: set if
  /// the failure policy falls back.
  std::optional<std::size_t> fallback;
  TimeOut time_out;
};

/// The end of a run: when this many requests have arrived and ended, or at this time, with the
/// requests that are then in flight. Exactly one is set, or none if a Director ends the run.
struct Stop {
  std::optional<std::int64_t> requests;
  std::optional<Seconds> after;
};

/// The settings of a run as a whole.
struct RunSettings {
  std::uint64_t seed = 1;
  Stop stop;
  /// The engine itself serves links and servers where it gives the same results as SimGrid: see
  /// FairShares. Off: SimGrid serves all links and all processor sharing.
  bool own_links = true;
};

/// The teams of devices: machines of tier 0 that work on the requests of one of them, and the links
/// between them. The first machines of the tier are the devices that send requests, one for each
/// team; after them come the helpers, team by team, which send none.
struct Teams {
  std::size_t machines = 1;  // Of each team, the device included.
  BytesPerSecond bandwidth;  // Of each machine's link, each way.
  Seconds latency;           // Of a message.

  /// Returns the number in the tier of a machine of a device's team; 0 is the device itself.
  std::size_t machine_of(std::size_t device, std::size_t machine, std::size_t devices) const {
    return machine == 0 ? device : devices + device * (machines - 1) + machine - 1;
  }
};

/// The engine's whole input: plain data, without YAML, graphs or SimGrid.
///
/// With several groups of devices, the first tiers are the groups, and hop g connects group g with
/// the first later tier. A request knows one group only: to its itinerary, the devices of its group
/// are tier 0, and their hop is hop 0; see level_of().
struct Simulation : RunSettings {
  std::vector<Tier> tiers;
  std::vector<Link> hops;  // Those between neighbouring tiers, then direct ones.
  /// The hops, outward, of legs over several hops at once, by their numbers in itineraries.
  /// Crossings of itineraries are by leg: each hop is one, with the same number, and these follow.
  std::vector<std::vector<std::size_t>> long_legs;
  std::vector<RequestClass> classes;
  std::vector<Itinerary> itineraries;     // Classes name them by index.
  std::size_t groups = 1;                 // Of devices.
  std::string device_hop;                 // The name of all groups' hops together, for results.
  std::optional<Teams> teams = {};        // None: each device works by itself.
  std::optional<Mobility> mobility = {};  // None: devices stay where they are.
  std::optional<Updates> updates = {};
  std::vector<ExitFamily> exit_families = {};
  bool reports_exits = false;  // In results: here, or in a run that this one is compared with.
  /// The last class is that of a director's tasks: see with_tasks(). Only simulate() sets it.
  bool has_tasks = false;

  /// Returns the number of devices that send requests: all machines of tier 0, or one of each team.
  std::size_t sending_devices() const { return tiers[0].servers / (teams ? teams->machines : 1); }
  std::size_t classes_of_requests() const { return classes.size() - (has_tasks ? 1 : 0); }
  /// Returns the default itinerary of a class. REQUIRES: the class names an existing one.
  Itinerary& itinerary_of(std::size_t request_class) {
    return itineraries[classes[request_class].itinerary];
  }
  const Itinerary& itinerary_of(std::size_t request_class) const {
    return itineraries[classes[request_class].itinerary];
  }
};

/// A dispatch or admission decision.
struct Decision {
  Seconds time;
  std::int64_t request = 0;
  std::size_t request_class = 0;
  std::size_t tier = 0;
  std::span<const scheduling::ServerState> servers;  // The state that it was based on.
  std::size_t first = 0;                             // The number of servers[0] in its tier.
  std::size_t chosen = 0;                            // An index of `servers`.
  bool admitted = true;
};

/// A machine or a link goes down or comes up, a model begins to be loaded or is evicted, the
/// battery of a device is low or empty, or a machine begins to start, serves, takes no further
/// requests, or is gone, or a cold machine becomes warm, or a device's handover begins or ends.
struct RunEvent {
  enum class Kind {
    machine_down,
    machine_up,
    link_down,
    link_up,
    model_loading,
    model_evicted,
    battery_low,
    battery_empty,
    machine_starting,
    machine_ready,
    machine_stopping,
    machine_stopped,
    cold_start,
    handover_begins,  // `which` is the number of the device in its tier, here and below.
    handover_ends,    // Or another one begins.
    model_pushed,     // A version leaves the last tier.
    model_updated,    // A device, or a site of the tier, serves a version.
    data_uploaded     // The data of a device or a site is on the last tier.
  };
  Kind kind;
  Seconds time;
  std::size_t where = 0;          // The number of the tier or hop.
  std::size_t which = 0;          // The number of the machine or link.
  std::size_t request_class = 0;  // The first class that used the model.
  std::size_t from = 0, to = 0;   // Of a handover: places of the device's group.
  std::int32_t version = 0;       // Of an update.
};

/// The state of a tier or a hop at one time, or of all requests, and its means since the last
/// sample.
struct SampleRow {
  enum class Part { all, tier, hop };
  Part part = Part::all;
  std::size_t number = 0;  // Of the tier or hop.
  Seconds time;
  /// Requests that wait or are computed, messages that wait or are under way, or all requests in
  /// flight.
  std::int64_t present = 0;
  std::optional<std::int64_t> waiting;  // Of a tier: the part of `present` that waits.
  std::optional<std::int64_t> busy;     // Of a tier: cores.
  PerSecond arrived;  // Requests that arrived or reached the tier, or messages and their attempts.
  PerSecond served;   // Requests that were answered or computed, or messages that were carried.
  /// Of a tier: with the PUE, and of devices with their radios, as far as these are known. Bytes
  /// count when their message ends.
  std::optional<Watts> power;
  std::optional<double> battery;         // Of devices with batteries: the mean share that is left.
  std::optional<std::int64_t> machines;  // Of a tier with an autoscaler: those that exist.
  /// Of a hop: the mean rates of its own links since the last sample, for messages, where they
  /// change over time.
  std::optional<BytesPerSecond> rate_up = {}, rate_down = {};
};

using RequestSink = std::function<void(const RequestRecord&)>;
/// The parts live as long as the call.
using DetailedRequestSink = std::function<void(const RequestRecord&, const RequestParts&)>;
using ProgressSink = std::function<void(double done)>;  // A fraction from 0 to 1.

/// The callbacks of a run, which cannot influence it. Any may be empty.
struct Observers {
  RequestSink request;  // Called once per request: at its answer, its drop, or the run's end.
  ProgressSink progress;
  std::function<void(const Decision&)> decision;
  std::function<void(const RunEvent&)> event;
  /// Called right after `request`, with the parts that the engine keeps for it alone.
  DetailedRequestSink request_parts;
  /// Called for all requests, each tier and each hop, in this order, at each multiple of the
  /// interval and at the end of the run. REQUIRES: sample_interval > 0.
  std::function<void(const SampleRow&)> sample;
  Seconds sample_interval;               // From one sample to the next.
  std::size_t samples_per_interval = 0;  // The interval doubles after each such number; 0: never.
  bool samples_power = true;  // Samples have power draws and batteries.
  /// Called when a machine or a link is done with a piece of work, or has lost it; of a message,
  /// when its last bit has left, with the time at which it will arrive.
  std::function<void(const Span&)> span;
};

class Controller;
class Director;

/// Returns whether the engine itself serves the links of a hop in that direction, instead of
/// SimGrid, if no message crosses several hops at once.
bool is_served_by_engine(const Simulation& simulation, std::size_t hop, bool up);

/// Returns whether the servers compute all their requests at once (processor sharing).
bool shares(const Tier& tier);

/// Returns the machines of a tier at each of its sites. REQUIRES: its fields are valid.
std::vector<std::size_t> machines_at_sites(const Tier& tier);
/// Returns the tier's groups of machines: one if all are alike.
std::vector<MachineGroup> groups_of(const Tier& tier);
/// Returns the number of the cores of all its machines.
std::size_t cores_of(const Tier& tier);

/// Returns the number that a tier or a hop has in the itineraries of those who use it, in a system
/// with so many groups of devices.
inline std::size_t level_of(std::size_t number, std::size_t groups) {
  return number - std::min(number, groups - 1);
}
/// Returns the number of a request's tier or hop from that in its itinerary: the inverse.
inline std::size_t number_of(std::size_t level, std::size_t group, std::size_t groups) {
  return level == 0 ? group : level + groups - 1;
}
/// Returns the number of tiers, or of hops, in an itinerary.
inline std::size_t levels(std::size_t numbers, std::size_t groups) {
  return numbers < groups ? numbers : numbers - (groups - 1);
}

/// Returns how devices are attached in a system of these tiers and hops, which are ranges of Tier
/// and Link or of types derived from them. The first `groups` tiers are devices. REQUIRES: their
/// fields are valid, there is at least one tier, and there is a hop between any two.
template <class Tiers, class Hops>
network::Attachment attachment_of(const Tiers& tiers, const Hops& hops, std::size_t groups = 1) {
  std::vector<network::Attachment::Access> all;
  for (std::size_t group = 0; group < groups; ++group) {
    network::Attachment::Access& access = all.emplace_back();
    access.devices = tiers[group].servers;
    if (!hops.empty()) {
      access.shared = hops[group].shared;
      if (hops[group].site) {
        access.devices_per_uplink = hops[group].site->devices;
        access.uplinks = hops[group].site->count;
      }
    }
  }
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (hops[i].direct) {
      all.front().direct.push_back(hops[i].direct->from == 0 && !hops[i].shared);
    }
  }
  std::vector<network::Attachment::Machines> later;
  for (std::size_t i = groups; i < tiers.size(); ++i) {
    later.push_back({tiers[i].servers, tiers[i].sites, machines_at_sites(tiers[i])});
  }
  return {std::move(all), later};
}

/// Returns the reasons for which requests may be dropped in this simulation.
std::vector<std::string> drop_reasons(const Simulation& simulation);

/// Runs the simulation to its end. The same input gives the same calls of the observers.
///
/// Semantics: a device sends one message after another; messages that meet on a link share it
/// max-min; latency and the time per message are added once per leg; with TCP, a message stalls as
/// Connections says; a message crosses a leg as one flow over all of its hops (partition/legs.h),
/// and a tier between two legs takes whole messages; the answer comes back leg by leg. Only
/// failures preempt a computation. At the start, all models that fit are in memory.
///
/// A process can run one simulation, since SimGrid's clock is global (std::logic_error on the
/// second); run_isolated() gives each simulation a process. At the end, independent books must
/// agree that no request is lost, and on Little's law and the utilisation law (std::logic_error).
/// Throws InputError if a scheduling policy throws or gives an invalid answer: see
/// scheduling/checked_policies.h. REQUIRES: the fields are valid; times and sizes are finite and
/// not negative, and messages have whole bytes (otherwise std::invalid_argument, with a line for
/// each error).
RunRecord simulate(const Simulation& simulation, const Observers& observers);

/// Runs it with a controller that chooses the itinerary of each request; the version above uses
/// FixedPlans. Also throws std::invalid_argument if the controller hands out an invalid itinerary.
///
/// A director hands out tasks beside the requests: see tasks/director.h. Then the run may have no
/// Stop: it ends when the director does, or when nothing can call the director any more. With one,
/// it ends as without a director, except that requests that run out before their number is reached
/// do not end it before the director does.
RunRecord simulate(const Simulation& simulation, const Observers& observers, Controller& controller,
                   Director* director = nullptr);

/// Returns SimGrid's version, such as "3.32", for resolved.yaml and reports.
std::string simgrid_version();

}  // namespace offcut::engine
