#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/energy/batteries.h"
#include "sim/engine/tiers/load_meter.h"
#include "sim/engine/tiers/processor_sharing.h"
#include "sim/engine/tiers/station.h"
#include "sim/engine/tiers/tier_books.h"

namespace offcut::engine {

/// Returns the number of queues of a tier at a site: one for each server if requests are dispatched
/// to servers, otherwise one.
std::size_t stations_per_site_of(const Tier& tier, const network::Attachment& attachment,
                                 std::size_t number);

/// The state of a tier during a run: its stations, and the parts that they have in common.
class TierState {
 public:
  /// `routes` are those that the simulation names, in order. Their models are in memory at the
  /// start.
  TierState(const Simulation& simulation, const network::Attachment& attachment, std::size_t number,
            const std::vector<const Route*>& routes);
  TierState(const TierState&) = delete;  // Stations point to their features.

  /// Draws the factor of a service time of the class at the station that begins now.
  double noise(std::size_t station, std::size_t request_class);
  /// Returns the first station of a site.
  std::size_t first_station(std::size_t site) const { return site * stations_per_site; }
  /// Returns the servers of a site that dispatch chooses from: one for each of its stations.
  std::span<const scheduling::ServerState> servers_of(std::size_t site) const {
    return std::span(states).subspan(first_station(site), stations_per_site);
  }
  /// Returns whether any machine of the site is up.
  bool is_up(std::size_t site) const;
  /// Return the station that a machine of the tier serves, and its number there.
  Station& station_of(std::size_t machine) { return stations[machine / servers_per_station]; }
  const Station& station_of(std::size_t machine) const {
    return stations[machine / servers_per_station];
  }
  std::size_t server_of(std::size_t machine) const { return machine % servers_per_station; }
  /// Returns the number in the tier of a station's server: the inverse of the two above.
  std::size_t machine_of(const Station& station, std::size_t server) const {
    return station.index * servers_per_station + server;
  }
  /// Returns the site of a station.
  std::size_t site_of(const Station& station) const { return station.index / stations_per_site; }
  bool is_scaled() const { return !meters.empty(); }
  /// Records in the books, and for the autoscaler or the batteries, that cores of the station begin
  /// or cease to compute.
  void cores_busy(const Station& station, double now, std::ptrdiff_t change) {
    books.cores_busy(now, change);
    if (batteries != nullptr) {
      batteries->cores_busy(station.index, change);
    }
    if (is_scaled()) {
      meters[site_of(station)].cores_busy(now, change);
    }
  }
  /// Returns the number of machines of a site; those of the first one come first.
  std::size_t machines_per_site() const { return stations_per_site * servers_per_station; }
  /// Returns the number of requests that the machine has, or, if it shares a queue, of its cores
  /// that compute.
  std::size_t jobs_of(std::size_t machine) const;
  /// Takes a request out of the queue of its station. REQUIRES: it waits there.
  void take_out_of_queue(const Request* request);
  /// Assigns the route a slot in the servers' memory, if models need one and the route is new.
  void add_route(const Route& route, const RequestClass& request_class);

  std::vector<Station> stations;
  std::vector<scheduling::ServerState> states;  // By station.
  std::size_t stations_per_site = 1;
  std::size_t servers_per_station = 1;
  std::vector<scheduling::CheckedDispatch> dispatch;   // By site; empty without a rule.
  std::vector<std::vector<RandomStream>> dispatching;  // By class, then by site.
  std::unique_ptr<ProcessorSharing> sharing;           // Used instead of the stations' queues.
  Batteries* batteries = nullptr;                      // Of the devices, if they have any.
  ModelSlots models;
  Seconds waiting_work;  // Predicted.
  TierBooks books;
  std::vector<LoadMeter> meters;  // By site; empty without an autoscaler.

 private:
  void make_streams(const Simulation& simulation, std::size_t number);
  void make_dispatch_streams(std::uint64_t seed, const RequestClass& request_class);
  Features* features_for(const Simulation& simulation, std::size_t station);
  void make_station(const Simulation& simulation, std::size_t number, std::size_t index);
  void begin_scaling(const Autoscaler& autoscaler, std::size_t cores);

  Noise noise_;
  std::vector<std::vector<RandomStream>> noises_;  // By class; for each device, or one.
  std::size_t number_;
  bool needs_memory_;
  std::deque<Features> features_;
  std::vector<Bytes> sizes_;  // The sizes of the models, by slot.
};

}  // namespace offcut::engine
