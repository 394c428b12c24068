#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "sim/engine/core/drop_reasons.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/recovery.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Moves devices between places, and decides what becomes of their requests.
///
/// At a handover, the device is at its new place at once, but its link carries nothing for the time
/// of the interruption. A message on its link is lost, and sent again from its beginning when the
/// interruption is over; messages that would begin wait for that, too. A message whose last bit has
/// left arrives where it was sent to. A handover during another one ends that.
///
/// A request has its data on its device, or at the place where its last message arrived. Messages
/// over hops between later tiers arrive at the present place of the device. If a tier is to compute
/// a request whose data is at another site, or an answer is there, the data crosses the backbone,
/// or the request is dropped, as Mobility::UnderWay says. A request that waits in a queue of the
/// old site is treated at once, one that is being computed when that ends. Requests that wait at
/// the site for a machine to come up wait there, unless they follow their device. One that failed
/// over to another site stays where it is.
///
/// A request waits at a site until the state of its device, and the weights of its model, are
/// there. The state leaves the old site when a handover begins. A site has the models of the
/// devices that it serves at the start.
class Handovers final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The request sends its message, or is computed, again.
    virtual void try_again(Request* request) = 0;
    virtual void drop(Request* request, DropReason reason) = 0;
    /// Drops a request that may be anywhere.
    virtual void give_up(Request* request, DropReason reason) = 0;
    /// The device is at another place from now on.
    virtual void moved(std::size_t /*device*/) {}

   protected:
    ~Listener() = default;
  };
  /// The parts of the engine that it uses.
  struct Parts {
    const Legs& legs;
    network::Places& places;
    const DropReasons& reasons;
    EventQueue& events;
    LinkBooks& links;
    Network& network;
    Computing& computing;
    Recovery& recovery;
    RequestPool& requests;
  };

  /// Places the devices, and schedules their first moves. REQUIRES: the simulation has mobility.
  /// The arguments must outlive it.
  Handovers(const Simulation& simulation, const Parts& parts, const Observers& observers,
            Listener& listener);

  /// Return whether the request, which would send its message, or be computed on a later tier,
  /// can't do so now. Then it was dropped, or try_again() follows.
  bool holds_message(Request* request);
  bool holds_computation(Request* request);
  /// Returns whether the message was lost because of a handover. Then the request is taken care of.
  bool takes(Request* request);

  /// Returns the usage at the end of the run.
  HandoverUsage close(double end) const;

 private:
  enum Kind : std::uint32_t { kMove, kEnd, kReady };
  using Site = std::pair<std::size_t, std::size_t>;  // A tier, and the number of a site there.

  struct Device {
    std::unique_ptr<network::Walk> walk;
    network::Move next;
    std::uint32_t place = 0;
    std::uint32_t from = 0;  // Its place before its last handover.
    bool is_interrupted = false;
    double since = 0;        // When its handover began.
    double until = 0;        // When it ends.
    double state_ready = 0;  // When its state is at its site.
    std::vector<Request*> waiting;
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void place_devices();
  void expect_move(std::uint32_t device);
  void schedule_move(std::size_t number);
  void move(std::size_t number, std::size_t place);
  void end(std::size_t number);
  void cut_off(std::size_t number, std::vector<Request*>& lost);
  void leave_sites(std::size_t number, std::size_t from);
  void leave_site(Request* request);
  void take_over(Request* request);
  void stay(Request* request);
  void count(Request* request);
  void hold(Request* request, double until);
  void go_on(Request* request);
  void carry(Request* request, std::size_t tier);
  bool is_away(const Request* request, std::size_t tier) const;
  std::size_t site_at(std::size_t tier, const Request* request, std::size_t place) const;
  std::size_t model_of(std::size_t request_class) const {
    return simulation_.classes[request_class].model.value_or(request_class);
  }
  double model_ready(const Request* request);
  void count_models();
  double crossing(Bytes bytes);
  void report(RunEvent::Kind kind, std::size_t number, std::size_t to) const;

  const Simulation& simulation_;
  const Mobility& mobility_;
  const Parts parts_;
  const Observers& observers_;
  Listener& listener_;
  std::vector<Device> devices_;
  std::vector<Request*>* cut_off_ = nullptr;  // Collects messages that a handover loses.
  std::map<std::pair<Site, std::size_t>, double> models_;  // By site and model: when it is there.
  HandoverUsage usage_;
};

}  // namespace offcut::engine
