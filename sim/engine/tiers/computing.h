#pragma once

#include <boost/ptr_container/ptr_vector.hpp>
#include <optional>
#include <vector>

#include "sim/engine/core/pool.h"
#include "sim/engine/core/route.h"
#include "sim/engine/core/time_outs.h"
#include "sim/engine/tiers/intake.h"

namespace offcut::engine {

/// The computations: the machines of the tiers and their queues, under the scheduling policies.
class Computing final : ProcessorSharing::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void computed(Request* request) = 0;
    /// The machine went down while it computed the request.
    virtual void computation_lost(Request* request) = 0;
    /// No machine that could compute it is up.
    virtual void no_machine(Request* request) = 0;
    virtual void rejected(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// For `routes` see TierState.
  Computing(const Simulation& simulation, const network::Places& places,
            const std::vector<const Route*>& routes, EventQueue& events, TimeOuts& time_outs,
            const Observers& observers, Listener& listener);

  /// Returns the cores of the hosts that each tier needs in SimGrid.
  static std::vector<std::vector<std::size_t>> simgrid_hosts(const Simulation& simulation,
                                                             const network::Attachment& attachment);
  /// Sets the hosts that SimGrid serves, once they are built.
  void use(const Platform& platform);
  /// Sets the batteries of a group of devices; null if they have none.
  void use(std::size_t group, Batteries* batteries) { tiers_[group].batteries = batteries; }

  /// Lets the tier request->stage compute the request's stage there, or its tail.
  void submit(Request* request);
  /// Takes a request that gave up out of its queue. REQUIRES: it is on a tier, and no machine has
  /// begun to compute it.
  void withdraw(Request* request);
  /// The same for a request that goes to another site.
  void take_back(Request* request) {
    time_outs_.leaves_queue(request);
    withdraw(request);
  }
  /// SimGrid reports that it has computed the request, or failed to.
  void execution_ended(Request* request, bool failed);
  const TierState& state_of(std::size_t tier) const { return tiers_[tier]; }
  /// Returns whether any machine of the site is up.
  bool is_up(std::size_t tier, std::size_t site) const { return tiers_[tier].is_up(site); }
  /// Takes a machine down. It loses the requests that it computes, and if it is the last one of its
  /// queue, those that wait. On a tier with an autoscaler it is then gone.
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);

  // The machines of tiers with autoscalers.

  /// Returns the load of the site since the last reading.
  scheduling::SiteLoad read_load(std::size_t tier, std::size_t site);
  /// Begins to start a machine of the site. Returns its number; none if all exist, finish what they
  /// have begun, or are down.
  std::optional<std::size_t> start_machine(std::size_t tier, std::size_t site);
  bool is_starting(std::size_t tier, std::size_t machine);
  /// A machine that starts serves from now on. REQUIRES: is_starting().
  void machine_ready(std::size_t tier, std::size_t machine);
  /// Takes a machine of the site away: one that still starts, or else one of those with the least
  /// to do, which finishes what it has begun. REQUIRES: one starts or serves.
  void stop_machine(std::size_t tier, std::size_t site);

  /// Starts batches that can no longer fill up with the requests they have.
  void flush();
  /// Counts a request that is still on its tier when the run ends.
  void count_unfinished(const Request* request, double end);
  /// Closes the books at `end`, and checks them (std::logic_error). REQUIRES: count_unfinished()
  /// was called for each request on a tier.
  std::vector<TierUsage> report(double end);

 private:
  enum Kind : std::uint32_t { kServed, kDecideAgain };

  void handle(std::uint32_t kind, std::uint32_t version, void* subject) override;
  void shared(Request* request) override;
  void sharing_lost(Request* request) override;

  /// Sets the service that policies predict for the request, once it has a station.
  static void set_service(const TierState& tier, const Station& station, const Request* request,
                          scheduling::Job& job);
  void queue_up(TierState& tier, Station& station, Request* request, const scheduling::Job& job);
  void start_waiting(Station& station);
  void decide_again_at(Station& station, double time);
  void start(Station& station, const Turn& turn);
  double warm_up(Station& station, std::size_t server);
  double load_model(Station& station, std::size_t server, const Route& route, double begin);
  void served(Batch* batch);
  /// Report the spans of computations that end so, at `end`, to an observer that asks for them.
  void report_batch(const Batch* batch, Span::Outcome outcome, double end) const;
  void report_shared(const Request* request, Span::Outcome outcome, double end) const;
  void take_off(Batch* batch);
  static void count_work(TierState& tier, const Batch* batch, double now);
  void start_sharing(TierState& tier, Station& station, Request* request);
  void stop_sharing(const Request* request);
  void count_served(TierState& tier, Request* request, Seconds waited, Seconds service,
                    std::size_t machine);
  void count_task(TierState& tier, Request* task, Seconds waited, Seconds service,
                  std::size_t machine);
  void leave(Request* request);
  void lose(Request* request);
  static void count_cores(TierState& tier, const Station& station);
  void take_off_server(Station& station, std::size_t server, std::vector<Request*>& lost);
  void take_out_of_queues(Station& station, std::vector<Request*>& lost);
  void enter_service(TierState& tier, Station& station, std::size_t server);
  void finish(TierState& tier, Station& station, std::size_t server);
  void give_back_core(TierState& tier, Station& station, std::size_t server);
  void look_whether_finished(Station& station, std::size_t server);
  void empty_queue(Station& station);
  /// The number of the site's places in which a machine has existed. They are its first ones, so
  /// that the cost of a decision does not depend on the largest number of machines.
  std::size_t& used_places(std::size_t tier, std::size_t site);
  void report_machine(RunEvent::Kind kind, const Station& station, std::size_t server) const;
  void release(Batch* batch);

  const Simulation& simulation_;
  EventQueue& events_;
  TimeOuts& time_outs_;
  const Observers& observers_;
  Listener& listener_;
  const Intake intake_;
  boost::ptr_vector<TierState> tiers_;                 // They never move.
  std::vector<std::vector<std::size_t>> used_places_;  // By tier and site, of scaled tiers.
  Pool<Batch> batches_;
  std::uint64_t joined_ = 0;
};

}  // namespace offcut::engine
