#pragma once

#include <deque>
#include <vector>

#include "sim/engine/core/pool.h"
#include "sim/engine/core/route.h"
#include "sim/engine/tiers/intake.h"

namespace offcut::engine {

/// What is computed: the tiers' machines, their queues, and the policies that rule them.
class Computing final : ProcessorSharing::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void computed(Request* request) = 0;
    /// The machine went down meanwhile.
    virtual void computation_lost(Request* request) = 0;
    /// None that could take it is up.
    virtual void no_machine(Request* request) = 0;
    virtual void rejected(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// `routes`: see TierState.
  Computing(const Simulation& simulation, const network::Places& places,
            const std::vector<const Route*>& routes, EventQueue& events, const Observers& observers,
            Listener& listener);

  /// For each tier, how many hosts it needs in SimGrid.
  static std::vector<std::size_t> simgrid_hosts(const Simulation& simulation,
                                                const network::Attachment& attachment);
  /// What SimGrid serves, once it is built.
  void use(const Platform& platform);

  /// Lets a tier, request->stage, compute the request's stage there, or its tail.
  void submit(Request* request);
  /// SimGrid says that it has computed the request.
  void execution_ended(Request* request, bool failed);
  /// Returns whether any machine of the site is up.
  bool is_up(std::size_t tier, std::size_t site) const { return tiers_[tier].is_up(site); }
  /// Loses what the machine computes, and where it is its queue's last, what waits.
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);
  /// Computes what waits for a batch that will never be full.
  void flush();
  /// The request is still on its tier when the run ends.
  void still_there(const Request* request, double end);
  /// Closes the books at `end`, and checks them (std::logic_error). REQUIRES: still_there() for all
  /// that are.
  std::vector<TierUsage> report(double end);

 private:
  enum Kind : std::uint32_t { kServed, kAskAgain };

  void handle(std::uint32_t kind, std::uint32_t version, void* subject) override;
  void shared(Request* request) override;
  void sharing_lost(Request* request) override;

  void queue_up(TierState& tier, Station& at, Request* request, const scheduling::Job& job);
  void start_what_can(Station& at);
  void ask_again(Station& at, double time);
  void start(Station& at, const Turn& turn);
  double load_model(Station& at, std::size_t server, const Route& route);
  void served(Batch* batch);
  void take_off(Batch* batch);
  static void count_work(TierState& tier, const Batch* batch, double now);
  void start_sharing(TierState& tier, Station& at, Request* request);
  void stop_sharing(const Request* request);
  void count_served(TierState& tier, Request* request, Seconds waited, Seconds service);
  void leave(Request* request);
  void lose(Request* request);
  void count_cores(TierState& tier, const Station& at) const;
  void take_off_server(Station& at, std::size_t server, std::vector<Request*>& lost);
  void take_out_of_queues(Station& at, std::vector<Request*>& lost);
  void release(Batch* batch);

  const Simulation& simulation_;
  EventQueue& events_;
  const Observers& observers_;
  Listener& listener_;
  const Intake intake_;
  std::deque<TierState> tiers_;  // where they stay
  Pool<Batch> batches_;
  std::uint64_t joined_ = 0;
};

}  // namespace offcut::engine
