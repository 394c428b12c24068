#pragma once

#include <deque>
#include <map>
#include <utility>

#include "sim/engine/core/itineraries.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/teams/team_links.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// A request whose work a team does.
struct TeamRequest {
  Request* request = nullptr;
  std::size_t phase = 0;
  std::size_t strands_left = 0;  // Of the phase.
  TeamRequest* next = nullptr;
};

/// A strand of a request's work on its way through the machines of a team.
struct TeamRun {
  TeamRequest* work = nullptr;
  const partition::TeamStrand* strand = nullptr;
  std::size_t next_step = 0;
  double since = 0;  // When its message was sent.
  // The parts of its time so far.
  Seconds wait, compute, messages;
  TeamRun* next = nullptr;
};

/// The work of requests on teams of machines. Computing serves each step as a request of its own,
/// in the queue of its machine among all others, and TeamLinks carries the messages; both call back
/// when a step has ended. A phase begins when all strands of the one before it have ended. The
/// parts of a phase's time are those of the strand that ends last.
class TeamWork final : TeamLinks::Listener {
 public:
  class Listener {
   public:
    /// The team has done all of the request's work.
    virtual void team_is_done(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// REQUIRES: simulation.teams.
  TeamWork(const Simulation& simulation, Itineraries& itineraries, Computing& computing,
           EventQueue& events, RequestPool& requests, const Observers& observers,
           Listener& listener);

  /// Starts the work of a request whose itinerary has a team.
  void start(Request* request);
  /// A machine has computed a step. REQUIRES: step->team_run is not null.
  void computed(Request* step);
  HopUsage close(double end) { return links_.close(end); }

 private:
  void team_carried(const void* subject, const TeamLinks::Carried& carried) override;
  void team_delivered(void* subject) override;

  void begin_phase(TeamRequest* work);
  void go_on(TeamRun* run);
  void compute(TeamRun* run, const partition::TeamStep& step);
  void end(TeamRun* run);
  const Route* route_of(const Request* request, const partition::TeamStep& step);

  const Simulation& simulation_;
  Itineraries& itineraries_;
  Computing& computing_;
  EventQueue& events_;
  RequestPool& requests_;
  const Observers& observers_;
  Listener& listener_;
  TeamLinks links_;
  Pool<TeamRequest> works_;
  Pool<TeamRun> runs_;
  std::deque<Itinerary> parts_;  // They never move.
  /// By class and step.
  std::map<std::pair<std::size_t, const partition::TeamStep*>, const Route*> routes_;
};

}  // namespace offcut::engine
