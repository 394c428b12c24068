#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/machine_groups.h"
#include "sim/engine/energy/batteries.h"
#include "sim/engine/tiers/load_meter.h"
#include "sim/engine/tiers/processor_sharing.h"
#include "sim/engine/tiers/station.h"
#include "sim/engine/tiers/tier_books.h"

namespace offcut::engine {

/// Returns the cores that serve each queue of a tier. A site has a queue for each server if
/// requests are dispatched to servers, otherwise one.
std::vector<std::size_t> cores_of_stations(const Tier& tier, const network::Attachment& attachment,
                                           std::size_t number);

/// The state of a tier during a run: its stations, and the parts that they have in common.
class TierState {
 public:
  /// `routes` are those that the simulation names, in order. Their models are in memory at the
  /// start.
  TierState(const Simulation& simulation, const network::Attachment& attachment, std::size_t number,
            const std::vector<const Route*>& routes);
  TierState(const TierState&) = delete;  // Stations point to their features.

  /// Returns the factor of all service times at a station: that of its device.
  double slowness(const Station& station) const {
    return slowness_.empty() ? 1 : slowness_[station.index];
  }
  /// Draws the factor of a service time of the class that begins now on a station's server, with
  /// the one above.
  double noise(const Station& station, std::size_t server, std::size_t request_class);
  /// Returns the first station of a site.
  std::size_t first_station(std::size_t site) const {
    return first_stations_.empty() ? site * stations_per_site_ : first_stations_[site];
  }
  /// Returns the servers of a site that dispatch chooses from: one for each of its stations.
  std::span<const scheduling::ServerState> servers_of(std::size_t site) const {
    const std::size_t first = first_station(site);
    return std::span(states).subspan(first, first_station(site + 1) - first);
  }
  /// Returns whether any machine of the site is up.
  bool is_up(std::size_t site) const;
  /// Return the station that a machine of the tier serves, and its number there.
  Station& station_of(std::size_t machine) { return stations[station_index(machine)]; }
  const Station& station_of(std::size_t machine) const { return stations[station_index(machine)]; }
  std::size_t server_of(std::size_t machine) const { return machine - station_of(machine).first; }
  /// Returns the number in the tier of a station's server: the inverse of the two above.
  static std::size_t machine_of(const Station& station, std::size_t server) {
    return station.first + server;
  }
  static std::size_t site_of(const Station& station) { return station.site; }
  bool is_scaled() const { return !meters.empty(); }
  /// Return the group of a station's server, and its cores.
  std::size_t group_of(const Station& station, std::size_t server) const {
    return machines.group_of(machine_of(station, server));
  }
  std::size_t cores_of(const Station& station, std::size_t server) const {
    return machines.of(machine_of(station, server)).cores;
  }
  /// Returns the usage of the group of a station's server; null if all machines are alike.
  MachineGroupUsage* usage_of(const Station& station, std::size_t server) {
    return machines.are_unlike() ? &books.usage.groups[group_of(station, server)] : nullptr;
  }
  /// Returns the predicted core time of a request in the queue of its station.
  Seconds predicted_work(const Request* request, const Station& station) const {
    return request->predicted_work(station.kind) * slowness(station);
  }
  /// Records in the books, and for the autoscaler or the batteries, that cores of the station begin
  /// or cease to compute. `requests` is the change of those that its server computes. Mostly, only
  /// the first line is for anything, so that a call would cost more than it.
  [[gnu::always_inline]] void cores_busy(const Station& station, std::size_t server, double now,
                                         std::ptrdiff_t change, std::ptrdiff_t requests) {
    books.cores_busy(now, change);
    if (machines.are_unlike()) {
      books.group_busy(group_of(station, server), now, change, requests);
    }
    if (batteries != nullptr) {
      batteries->cores_busy(station.index, change);
    }
    if (is_scaled()) {
      meters[site_of(station)].cores_busy(now, change);
    }
  }
  /// Returns the number of machines of a site; those of the first one come first. REQUIRES: all
  /// sites have as many.
  std::size_t machines_per_site() const { return stations_per_site_ * servers_per_station_; }
  /// Returns the number of requests that the machine has, or, if it shares a queue, of its cores
  /// that compute.
  std::size_t jobs_of(std::size_t machine) const;
  /// Takes a request out of the queue of its station. REQUIRES: it waits there.
  void take_out_of_queue(const Request* request);
  /// Assigns the route a slot in the servers' memory, if models need one and the route is new.
  void add_route(const Route& route, const RequestClass& request_class);

  std::vector<Station> stations;
  std::vector<scheduling::ServerState> states;  // By station.
  const MachineGroups machines;
  std::vector<scheduling::ServerKind> kinds;  // By group of machines; empty if all are alike.
  std::vector<scheduling::CheckedDispatch> dispatch;   // By site; empty without a rule.
  std::vector<std::vector<RandomStream>> dispatching;  // By class, then by site.
  std::unique_ptr<ProcessorSharing> sharing;           // Used instead of the stations' queues.
  Batteries* batteries = nullptr;                      // Of the devices, if they have any.
  ModelSlots models;
  Seconds waiting_work;  // Predicted.
  TierBooks books;
  std::vector<LoadMeter> meters;  // By site; empty without an autoscaler.

 private:
  std::size_t station_index(std::size_t machine) const {
    return station_of_.empty() ? machine / servers_per_station_ : station_of_[machine];
  }
  void make_stations(const Simulation& simulation, const network::Attachment& attachment);
  void begin_books();
  void make_kinds(const std::vector<const Route*>& routes);
  void make_streams(const Simulation& simulation, const network::Attachment& attachment);
  void make_dispatch_streams(std::uint64_t seed, const RequestClass& request_class);
  Features* features_for(const Simulation& simulation, const Station& station);
  void make_station(const Simulation& simulation, std::size_t site, std::size_t first,
                    std::size_t servers);
  void begin_scaling(const Autoscaler& autoscaler, std::size_t cores);

  std::vector<std::vector<RandomStream>> noises_;  // By class; for each device, or one.
  std::span<const double> slowness_;               // Tier::slowness.
  std::size_t number_;
  std::size_t device_groups_;
  bool needs_memory_ = false;
  std::size_t stations_per_site_ = 1;
  std::size_t servers_per_station_ = 1;
  // The two below are empty if all sites have as many machines, so that the numbers above do.
  std::vector<std::size_t> first_stations_;  // By site, and their number.
  std::vector<std::size_t> station_of_;      // By machine.
  std::deque<Features> features_;
  std::vector<Bytes> sizes_;  // The sizes of the models, by slot.
};

}  // namespace offcut::engine
