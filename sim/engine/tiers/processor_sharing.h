#pragma once

#include <memory>
#include <vector>

#include "sim/engine/core/request.h"
#include "sim/engine/links/fair_share.h"
#include "sim/engine/links/platform.h"

namespace offcut::engine {

/// The servers of a tier with processor sharing. Each computes all its requests at once, none
/// faster than one core can. FairShares serves them, or SimGrid's Exec if `own_links` is off.
class ProcessorSharing final : FairShares::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void shared(Request* request) = 0;
    /// The server went down while it computed the request.
    virtual void sharing_lost(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// `cores` has those of each server.
  ProcessorSharing(const Simulation& simulation, std::vector<std::size_t> cores, EventQueue& events,
                   Listener& listener);
  /// Sets the hosts that SimGrid serves, once they are built.
  void use(const std::vector<simgrid::s4u::Host*>& hosts) { hosts_ = &hosts; }

  /// Computes request->work seconds on the server request->station. REQUIRES: it is up.
  void start(Request* request);
  /// SimGrid reports that it has computed the request, or lost it.
  void execution_ended(Request* request, bool failed);
  /// Takes the server down, and loses its requests in order of arrival.
  void server_down(std::size_t server);
  void server_up(std::size_t server) { down_[server] = 0; }

 private:
  void shared(void* job) override;
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;

  EventQueue& events_;
  Listener& listener_;
  std::unique_ptr<FairShares> ours_;
  const std::vector<simgrid::s4u::Host*>* hosts_ = nullptr;
  std::vector<RequestSet> at_simgrid_;  // By server.
  std::vector<char> down_;
};

}  // namespace offcut::engine
