#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "partition/cost_table.h"
#include "sim/engine/itinerary.h"

// The records that a run leaves: of each request, and of tiers, hops, classes and energy as a
// whole.

namespace offcut::engine {

enum class Ending : std::uint8_t { in_flight, completed, dropped };
/// The machines that computed a request in place of those that had failed.
enum class Failover : std::uint8_t { none, other_site, next_tier };
using DropReason = std::uint16_t;  // An index of drop_reasons().

/// The record of a request. Once it is answered, its times add up to completion - arrival.
struct RequestRecord {
  std::int64_t request = 0;  // Its number in order of arrival, from 0.
  std::size_t device = 0;
  std::size_t request_class = 0;
  Ending ending = Ending::in_flight;
  DropReason reason = 0;               // Valid if it was dropped.
  std::uint16_t failures = 0;          // Lost transfers and computations.
  bool fell_back = false;              // The device alone computed it.
  Failover failover = Failover::none;  // The last one.
  Seconds arrival;
  Seconds completion;   // The time at which it was answered or dropped.
  Seconds device_wait;  // In the device's queue.
  Seconds device_compute;
  Seconds upload_wait;  // Until the device has sent its earlier messages.
  Seconds upload;       // Transfers and latencies on all hops.
  Seconds server_wait;  // In the queues of all later tiers.
  Seconds server_compute;
  Seconds download;        // Transfers and latencies of the answer.
  Seconds team;            // Messages between the machines of its device's team.
  Seconds lost;            // Failed attempts, and the pauses before further ones.
  Seconds handover;        // Attempts that handovers of its device cut short, and waits for these.
  Seconds sent{-1};        // The time at which its last message left its device; -1: none did.
  Bytes upload_bytes;      // The size of the last message that its device sent for it.
  Bytes download_bytes;    // The size of the last answer that was sent to its device.
  std::int64_t input = 0;  // The number of its input: `request`, unless its arrival names one.
  std::int32_t version = -1;  // Of its model, if that has updates; otherwise below 0.
  std::optional<Itinerary::Exit> exit = {};  // Where it left a network with exits.
  /// The energy of the radio's promotion before its messages, and of their transfers as if they
  /// were alone on the air.
  Joules radio_energy;

  bool completed() const { return ending == Ending::completed; }
  Seconds latency() const { return completion - arrival; }
};

/// The part of a request's time on one tier, the sum over all times that it was computed there.
struct TierPart {
  static constexpr std::int64_t kNone = -1;

  Seconds wait;
  Seconds compute;
  std::int64_t server = kNone;  // The number in the tier of the machine that computed it last.
};

/// The part of a request's time on one hop: transfers and latencies, in either direction.
struct HopPart {
  Seconds up, down;
};

/// The parts of a request's time by tier and hop of its itinerary. They add up to those in its
/// record: those of tier 0 to device_wait and device_compute, those of later tiers to server_wait
/// and server_compute, and those of all hops to upload and download.
struct RequestParts {
  std::span<const TierPart> tiers;
  std::span<const HopPart> hops;
};

/// The verdict on whether a tier, or links, could serve their load. The worst is the greatest.
enum class Verdict : std::uint8_t {
  stable,
  backlogged,  // It could serve its load in the long run, but had a backlog at its last arrival.
  overloaded   // Its offered load exceeded its capacity.
};

/// The machines of one group of a tier whose machines are not all alike.
struct MachineGroupUsage {
  std::string name;
  std::size_t machines = 0;
  std::size_t servers = 0;  // Their cores. All other fields are as in TierUsage.
  Seconds busy;
  std::int64_t served = 0;
  Seconds waited;
  std::int64_t batches = 0;
  std::int64_t lost = 0;
  std::int64_t loads = 0;
  Seconds loading;
  double mean_running = 0;  // The mean number of requests that they computed over time.
  std::int64_t tasks = 0;
};

struct TierUsage {
  std::string name;
  std::size_t servers = 0;  // The cores of all its servers.
  Seconds busy;             // Summed over cores.
  std::int64_t served = 0;
  Seconds waited;            // Summed over the requests that were served.
  std::int64_t batches = 0;  // Computed batches; without batching, the same as `served`.
  std::int64_t rejected = 0;
  std::int64_t lost = 0;   // Computations that were lost, counted in requests.
  std::int64_t loads = 0;  // Models that were loaded into memory.
  Seconds loading;         // The part of `busy` that loading took.
  Seconds offered;         // Predicted work of all requests that arrived, each counted once.
  Seconds capacity;        // Core time that was up until the last of them arrived.
  /// Head-of-line blocking: the part of `waited` during which a core of the queue was busy with
  /// another class.
  Seconds blocked;
  std::int64_t most_waiting = 0;  // At any one time.
  double mean_jobs = 0;           // The mean number of waiting and running requests over time.
  Verdict verdict = Verdict::stable;
  std::int64_t left = 0;       // Requests that waited or were computed when the run was stopped.
  std::int64_t stranded = 0;   // Further requests that then waited for a machine to come up.
  std::size_t queues = 1;      // One for each device, site or server: see Scheduling::dispatch.
  double worst = 0;            // The highest offered load of one queue.
  std::int64_t saturated = 0;  // The queues that are overloaded by themselves.
  std::size_t machines = 1;    // All that may exist; `servers` counts their cores.
  std::size_t parts = 1;       // See Tier::parts.
  bool is_scaled = false;      // Machines come and go. Otherwise all exist for the whole run.
  Seconds existing;            // Core time of the machines that existed: paid for, busy or not.
  std::size_t most_cores = 0;  // Of the machines that existed at any one time.
  std::int64_t starts = 0;     // Machines that an autoscaler began to start.
  std::int64_t cold_starts = 0;
  Seconds warming;  // The part of `busy` for which cores waited for their machine to be warm.
  std::vector<MachineGroupUsage> groups;  // Empty if all machines are alike.
  /// The computations of a director's tasks that were done, and their time. They count in `busy`,
  /// `offered`, `most_waiting` and `mean_jobs`, and in nothing else above.
  std::int64_t tasks = 0;
  Seconds task_work;
};

/// The load of parallel links in one direction.
struct LinkLoad {
  Bytes offered;  // Of all messages that were to be sent, each counted once.
  /// Bytes for which there would have been time while devices opened connections, or waited for
  /// their windows, and sent no other message: a part of the load, but not of `offered`.
  Bytes held;
  Bytes capacity;    // What the links that were up could carry until the last of them came.
  double worst = 0;  // The highest offered load of one link, until the same time.
  std::int64_t saturated = 0;         // The links that are overloaded by themselves.
  std::int64_t most = 0;              // Messages that waited for one link, or were on it, at once.
  Verdict verdict = Verdict::stable;  // Overloaded if one link is.

  /// Returns the load, divided by `capacity`; 0 if all messages came at once.
  double offered_load() const {
    return capacity > Bytes(0) ? (offered + held).si() / capacity.si() : 0;
  }
};

/// The messages of one direction of a hop.
struct Traffic {
  Bytes in_part;   // That crossed of messages that were lost or not yet through at the end.
  Seconds waited;  // Of those that were carried, summed: beyond the time on idle links and stalls.
  double mean_messages = 0;   // The mean number of messages that waited or were under way.
  std::int64_t left = 0;      // Messages that waited or were under way when the run was stopped.
  std::int64_t stranded = 0;  // Further messages that then waited for their link to come up.
  Bytes update_bytes;         // Carried of updates: see Updates. Other figures count them, too.
  std::int64_t update_messages = 0;
  Bytes update_part;  // The part of `in_part` that updates have.
  Bytes task_bytes;   // Carried of a director's tasks: see Director. Other figures count them, too.
  std::int64_t task_messages = 0;
};

struct HopUsage {
  std::string name;
  std::size_t links = 0;       // In pairs.
  bool leaves_device = false;  // It begins at the devices.
  /// The latency, and as bandwidths the means over the run at which its links carry messages.
  partition::Hop hop;
  std::size_t site_links = 0;         // Uplinks after them, in pairs.
  BytesPerSecond site_up, site_down;  // The uplinks' mean bandwidths over the run.
  Bytes up, down;                     // Carried.
  std::int64_t up_messages = 0, down_messages = 0;
  std::int64_t up_lost = 0, down_lost = 0;  // Messages.
  bool up_is_ours = false;                  // FairShares served it instead of SimGrid.
  bool down_is_ours = false;
  bool up_one_at_a_time = false;  // Each link carries one message up after another.
  Traffic up_traffic, down_traffic;
  LinkLoad up_load, down_load;            // Of its own links.
  LinkLoad site_up_load, site_down_load;  // Of the uplinks.
};

struct ClassUsage {
  std::string name;
  std::int64_t arrived = 0, completed = 0, dropped = 0, in_flight = 0;
  std::int64_t late = 0;  // Completed after their deadlines.
  std::int64_t fell_back = 0;
  std::int64_t failures = 0;
};

struct DropCount {
  std::string reason;
  std::int64_t requests = 0;
};

/// The time that the machines of a tier, or the radios of the devices, spent in a state, and the
/// energy that they took there.
struct EnergyState {
  std::size_t tier = 0;
  std::size_t group = 0;  // Of the tier's machines.
  bool of_radio = false;
  std::string name;  // "busy", "idle", "down"; "promotion", "transfer", "waiting", "tail 1", ...
  Seconds time;      // Summed over machines.
  Joules energy;     // At the site: with the PUE. 0 if it is unknown.
  bool is_known = true;  // Whether the power draw is known.
};

/// The end of the name of the state of radios whose tail outlasts the run: it is counted to its
/// end, since the run's messages caused it.
inline constexpr const char* kTailAfterRun = "tail after the run";
/// The end of the names of "busy" and "idle" in the low-power mode of batteries.
inline constexpr const char* kInLowPower = " in low power";
/// The name of the state of devices whose batteries are empty.
inline constexpr const char* kBatteryEmpty = "empty";

/// The batteries of the devices at the end of a run.
struct BatteryUsage {
  std::size_t devices = 0;  // That have batteries.
  std::int64_t low = 0;     // The devices that entered low-power mode.
  std::int64_t empty = 0;   // The devices whose batteries are empty.
  Seconds first_empty;      // When the first of them was; 0 if none is.
  double left = 0;          // The mean share of the capacity that is left.
};

/// The tasks of a director. All 0 without one.
struct TaskRecord {
  std::int64_t handed_out = 0;  // The sum of the others.
  std::int64_t done = 0;
  std::int64_t lost = 0;        // A machine, a link or a battery failed.
  std::int64_t unfinished = 0;  // When the run ended.
};

/// The handovers of the devices. All 0 without mobility.
struct HandoverUsage {
  std::int64_t handovers = 0;    // That began.
  Seconds interruption;          // Summed over them, until the end of the run.
  std::int64_t taken_along = 0;  // Requests and answers that the backbone carried.
  std::int64_t pulls = 0;        // Models that a site pulled.
  Bytes backbone;                // All that it carried.
};

struct RunRecord {
  std::int64_t arrived = 0;
  std::int64_t completed = 0;
  std::int64_t dropped = 0;
  std::int64_t in_flight = 0;
  Seconds duration;  // Until the last request ended, or until the run was stopped.
  std::vector<TierUsage> tiers;
  std::vector<HopUsage> hops;
  std::vector<HopUsage> teams;  // The links within teams: one entry, or none without teams.
  std::vector<ClassUsage> classes;
  /// By group of devices, if there are several; each has the name of its tier.
  std::vector<ClassUsage> groups;
  std::vector<DropCount> drops;  // By reason, as in drop_reasons().
  /// Jain's index (Jain, Chiu, Hawe 1984) over the devices that sent requests: of the fraction of
  /// each device's requests that were answered in time, and of its mean latency. 1: all are equal.
  double fairness = 1;
  double latency_fairness = 1;
  Seconds in_flight_age;            // The ages of the requests in flight at the end, summed.
  Seconds oldest_in_flight;         // The highest of these ages.
  std::int64_t in_flight_late = 0;  // Those of them that are past their deadlines.
  /// By tier: the states of its machines, group by group, and after those of devices the states of
  /// their radios, if they are known. Without kTailAfterRun, times add up to the machines' time.
  std::vector<EnergyState> energy;
  BatteryUsage batteries;  // All 0 without batteries.
  HandoverUsage handovers;
  TaskRecord tasks;
};

}  // namespace offcut::engine
