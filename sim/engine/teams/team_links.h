#pragma once

#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/core/pool.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The links between the machines of teams. Each machine has one, which carries one message after
/// another each way, in the order in which they were sent. A message is there `latency` after its
/// last bit has left.
class TeamLinks final : EventQueue::Handler {
 public:
  /// A message of a machine, away from it or to it, and the time for which its link carried it.
  struct Carried {
    std::size_t machine = 0;
    bool up = true;
    Bytes bytes;
    Seconds begin, left;
    bool is_done = true;
  };
  class Listener {
   public:
    /// The link of the machine has carried a message of this subject, or a part of it until the end
    /// of the run.
    virtual void team_carried(const void* /*subject*/, const Carried& /*carried*/) {}
    /// The message of this subject is there.
    virtual void team_delivered(void* subject) = 0;

   protected:
    ~Listener() = default;
  };

  /// REQUIRES: simulation.teams.
  TeamLinks(const Simulation& simulation, EventQueue& events, Listener& listener);

  /// Sends a message over the link of a machine, away from it or to it.
  void send(std::size_t machine, bool up, Bytes bytes, void* subject);
  /// Returns the books of the links. Throws std::logic_error if Little's law does not hold.
  HopUsage close(double end);

 private:
  enum Kind : std::uint32_t { kSent, kThere };

  /// One direction of a link.
  struct Line {
    double free = 0;            // The time from which it is idle.
    double offered = 0;         // Bytes of all its messages.
    double backlog = 0;         // Seconds of work that was left when its last message came.
    std::uint32_t messages = 0;
    std::uint32_t present = 0;  // Those that wait or are under way.
  };
  struct Message {
    void* subject;
    std::size_t machine;
    bool up;
    Bytes bytes;
    double since;     // When it was sent.
    double begins;    // When its first bit leaves.
    bool under_way;   // Its last bit has not left yet.
    Message* next = nullptr;
  };
  /// All lines of one direction.
  struct Direction {
    std::vector<Line> lines = {};
    Bytes carried = {};
    std::int64_t messages = 0;  // That were carried.
    std::int64_t present = 0;
    std::uint32_t most = 0;     // That were present on one line at once.
    double since = 0;           // The time up to which `message_time` is integrated.
    double message_time = 0;
    double sojourns = 0;        // Seconds for which messages were present.
    double waited = 0;          // Of those that were carried.
    double last = 0;            // When the last message came.

    void integrate(double now) {
      message_time += static_cast<double>(present) * (now - since);
      since = now;
    }
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void sent(Message* message);
  void report(const Message& message, double left) const;
  LinkLoad load_of(const Direction& direction, double end) const;

  const Teams teams_;
  const std::string name_;
  EventQueue& events_;
  Listener& listener_;
  Direction up_, down_;
  Pool<Message> messages_;
};

}  // namespace offcut::engine
