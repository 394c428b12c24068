#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The sums of a tier over a run.
struct NaiveTier {
  std::int64_t served = 0, batches = 0, rejected = 0, lost = 0, left = 0, most_waiting = 0;
  double busy = 0, waited = 0, job_time = 0;
};

/// The sums of one direction of a hop.
struct NaiveDirection {
  double bytes = 0, in_part = 0, message_time = 0, offered = 0;
  std::int64_t messages = 0, lost = 0, left = 0;
};

struct NaiveHop {
  NaiveDirection up, down;
};

struct NaiveRun {
  std::vector<RequestRecord> requests;  // In the order of their arrival.
  std::vector<std::string> reasons;     // By request; empty unless it was dropped.
  std::vector<NaiveTier> tiers;
  std::vector<NaiveHop> hops;
  double duration = 0;
};

/// Simulates the life of every request as docs/engine.md and docs/fleets.md describe it, in plain
/// lists: an event is a function in a list, in which the earliest one is searched; rates come from
/// progressive filling of all links; outages from the union of their intervals; integrals from a
/// look at all requests between any two events. Events of one time happen in the order in which
/// they were scheduled.
///
/// REQUIRES: there is no noise, memory, cold start, autoscaler, radio, battery, TCP or message of
/// its own size; queues are fifo, lifo, priority, edf, sjf or processor sharing; dispatch is
/// round-robin; admission is bounded-queue; batching is fixed or timeout without preferred sizes;
/// outages are given.
class NaiveSimulator {
 public:
  explicit NaiveSimulator(const Simulation& simulation);
  NaiveRun run();

 private:
  enum class State { queued, computing, lined_up, on_link, latency, pausing, parked, gone };

  struct Job {
    RequestRecord record;
    std::string reason;
    std::size_t itinerary = 0;
    State state = State::gone;
    std::size_t place = 0;  // A tier, or a hop while it is sending.
    bool sending = false, up = true, tail = false;
    bool ghost = false;  // It has ended, but something still happens for it.
    double since = 0, bytes = 0, patience = 0;
    std::int64_t retries = 0;
    int alarm = 0;  // Alarms of other numbers are off.
    std::size_t station = 0, moved_tier = 0, moved_site = 0;
  };
  struct Event {
    double time;
    std::int64_t order;
    std::function<void()> happen;
  };
  struct Waiting {
    double key = 0;
    std::int64_t order = 0;
    Job* job = nullptr;
    std::pair<std::size_t, bool> kind;  // The number of its route, and whether it is a tail.
  };
  /// Requests that a core computes together.
  struct Computation {
    std::int64_t number = 0;
    std::size_t server = 0;
    double began = 0, service = 0;
    std::vector<Job*> jobs;
  };
  /// Work whose rate changes with its neighbours: a message, or a request on a shared processor.
  struct Flow {
    Job* job = nullptr;
    double left = 0, rate = -1, since = 0;
    std::int64_t number = 0, version = 0;
  };
  struct Station {
    std::size_t tier = 0, number = 0;
    std::vector<Waiting> queue;
    std::vector<std::size_t> free;  // The servers of free cores; the last one is used next.
    std::vector<bool> up;           // By server.
    std::vector<Computation> running;
    std::vector<Flow> sharing;
    double decides_at = kNever.si();
    std::int64_t joined = 0;
  };
  struct Sender {
    bool sending = false;
    std::deque<Job*> line;
  };
  /// A machine or a link, or a site if requests wait for its machines.
  struct Component {
    bool is_link = false;
    std::size_t position = 0, number = 0;
    auto operator<=>(const Component&) const = default;
  };

  // The loop, arrivals and ends: naive_simulator.cpp.
  void schedule(double time, std::function<void()> happen);
  void integrate(double time);
  bool is_idle() const;
  bool sources_are_over() const;
  void look_for_end();
  void schedule_arrival(std::size_t request_class, std::size_t source);
  void arrives(std::size_t request_class, std::size_t device);
  void enter_tier(std::size_t tier, Job& job);
  void leave_tier(std::size_t tier, Job& job);
  void send_down(std::size_t tier, Job& job);
  void drop(Job& job, const std::string& reason);
  void end(Job& job, Ending ending);
  void withdraw(Job& job);
  void set_alarm(Job& job, double after);
  void begin_wait(Job& job);
  void end_wait(Job& job);
  bool service_has_begun(const Job& job) const;
  NaiveRun results();

  // Messages: naive_links.cpp.
  void send(std::size_t hop, bool up, Job& job);
  void line_up(Job& job);
  void send_next(std::size_t device);
  bool start_sending(Job& job);
  void sent(Job& job);
  void take_off_link(Job& job);
  void message_lost(Job& job);
  void link_down(std::size_t hop, std::size_t link);
  std::vector<double> fair_rates(std::size_t hop, bool up) const;
  void share_link(std::size_t hop, bool up);
  std::size_t link_of(std::size_t hop, std::size_t device) const;
  NaiveDirection& direction_of(const Job& job);
  std::vector<Flow>& flows_of(const Job& job);
  /// Gives flows new rates; those that end call `done`.
  void set_rates(std::vector<Flow>& flows, const std::vector<double>& rates,
                 const std::function<void(std::int64_t number)>& done);

  // Outages, and what becomes of requests: naive_failures.cpp.
  void schedule_outages(const network::Faults& faults, Component component);
  void goes_down(const Component& component, bool for_good);
  void comes_up(const Component& component);
  void fails(Job& job);
  void recover(Job& job);
  void wait(Job& job);
  void try_again(Job& job);
  void fall_back(Job& job);
  void fail_over(Job& job, network::FailurePolicy::Then then);
  std::vector<std::size_t> other_sites(const Job& job) const;
  std::size_t site_of(const Job& job) const;
  Component obstacle_of(const Job& job) const;
  bool is_up(const Component& obstacle) const;
  bool is_hopeless(const Component& obstacle) const;
  std::vector<Job*> take_waiting(const Component& obstacle);

  // Machines: naive_machines.cpp.
  void build_stations(std::size_t tier);
  void compute(std::size_t tier, Job& job);
  void submit(Job& job);
  std::size_t choose_station(const Job& job);
  bool admits(const Station& station, const Job& job) const;
  double key_of(const Station& station, const Job& job) const;
  std::size_t route_of(const Job& job);
  void start_waiting(Station& station);
  bool start_one(Station& station, bool flush, double& again);
  void begin(Station& station, std::vector<Waiting*> chosen);
  void served(Station& station, std::int64_t number);
  void count_served(Job& job, double waited, double service);
  void share(Station& station);
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);
  void flush();
  bool shares_processor(std::size_t tier) const { return shares(simulation_.tiers[tier]); }
  Station& station_of(std::size_t tier, std::size_t machine);

  const RequestClass& class_of(const Job& job) const {
    return simulation_.classes[job.record.request_class];
  }
  const Itinerary& itinerary_of(const Job& job) const {
    return simulation_.itineraries[job.itinerary];
  }
  std::size_t sites_of(std::size_t tier) const {
    return tier == 0 ? simulation_.tiers[0].servers : simulation_.tiers[tier].sites;
  }
  std::size_t servers_per_site(std::size_t tier) const {
    return simulation_.tiers[tier].servers / sites_of(tier);
  }

  const Simulation& simulation_;
  double now_ = 0;
  bool stopped_ = false;
  std::int64_t scheduled_ = 0, computations_ = 0, flows_ = 0;
  std::vector<Event> events_;
  std::deque<Job> jobs_;
  std::vector<std::vector<workload::ArrivalSource>> sources_;  // By class.
  std::int64_t arrivals_to_come_ = 0, ended_ = 0;
  std::vector<std::deque<Station>> stations_;                               // By tier.
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> next_server_;  // By tier and site.
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> routes_;   // By class and itinerary.
  std::vector<std::pair<std::vector<Flow>, std::vector<Flow>>> links_;  // By hop: up and down.
  std::vector<Sender> senders_;
  std::map<Component, bool> down_;                  // Those that are down; true: for good.
  std::vector<std::pair<Component, Job*>> parked_;  // In the order in which they began to wait.
  NaiveRun result_;
};

}  // namespace offcut::engine
