#pragma once

#include <optional>
#include <vector>

#include "sim/engine/core/request.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// The books of the links during a run: the load of each direction of a hop, and of the uplinks
/// after its own links. A message is present from the time at which its sender could send it, first
/// in the queue of a device, if it leaves one, then on the link, until its last bit has left or it
/// is lost. Each call costs a few additions. A message on a leg of several hops is present on each
/// of them, and its wait, which they have in common, counts on each.
///
/// Rates are those at which links carry messages, without headers. The promotion of a radio is no
/// wait, nor are the stalls of TCP, in which a link is free for other messages. A device that opens
/// a connection for each message sends nothing else meanwhile, so its own link also bears the time
/// that this takes.
class LinkBooks {
 public:
  LinkBooks(const Simulation& simulation, const Legs& legs, const network::Places& places);

  /// Records a new message, before record_line_up(). Its further attempts are not new.
  void record_message(Request* request, double now);
  /// Records that the message is present: see above.
  void record_line_up(Request* request, double now);
  /// Records that the message leaves its device's queue, in which it has been since request->since.
  void record_start(Request* request, double now);
  /// Records that the message has left the link, on which it has been since request->since.
  void record_sent(Request* request, double now);
  /// Records that the message was lost there, or that the link was down when it was to start.
  void record_lost(Request* request, double now);
  void link_down(std::size_t hop, std::size_t link, double now);
  void link_up(std::size_t hop, std::size_t link, double now);

  /// Returns the messages that are present on a hop, in both directions.
  std::int64_t present(std::size_t hop) const {
    return directions_[2 * hop].present + directions_[2 * hop + 1].present;
  }
  /// Returns how often messages were present on a hop, in both directions: once for each attempt.
  std::int64_t attempts(std::size_t hop) const {
    return directions_[2 * hop].attempts + directions_[2 * hop + 1].attempts;
  }
  /// Fills in the loads of the hops. `unfinished` are the requests that the run leaves unfinished.
  /// Throws std::logic_error if Little's law does not hold on a hop: the number of messages
  /// present, integrated over time, is the sum of the times for which each was present.
  void close(double end, const std::vector<Request*>& unfinished, std::vector<HopUsage>& hops);

 private:
  /// One link, in one direction. Small, since there may be millions. Bytes include those held: see
  /// held_bytes().
  struct LinkState {
    double offered = 0;          // Bytes of all its messages.
    double present = 0;          // Bytes of those that are present.
    float backlog = 0;           // Bytes that were present when the last of `messages` came.
    std::uint32_t messages = 0;  // All of them, without those of tasks.
    std::uint32_t waiting = 0;   // Those that are present.
  };
  struct Outage {
    std::size_t link;
    double from, until;
  };
  /// Parallel links in one direction.
  struct LinkGroup {
    network::Rates rates;
    std::vector<LinkState> links = {};
    std::vector<Outage> outages = {};  // In the order in which they began.
    double held = 0;                   // The part of the bytes offered that was held.
    double present = 0;                // Bytes that are present on any of the links.
    double backlog = 0;                // Bytes that were present when the last message came.
    double last = 0;                   // The time at which it came.
    std::uint32_t most = 0;            // Messages that were present at one link at once.
    /// By link: an index of `outages`. Shorter if no later link has had any.
    std::vector<std::size_t> last_outage = {};
  };
  /// The times in which a device with a link of its own waits for the connection of a message.
  struct Connecting {
    Seconds opening;
    std::vector<partition::Stall> stalls;
    BytesPerSecond rate;
  };
  /// A direction of a hop: its own links, and the uplinks after them.
  struct Direction {
    LinkGroup own;
    std::optional<LinkGroup> site = std::nullopt;
    std::int64_t present = 0;
    std::int64_t attempts = 0;
    double since = 0;         // The time up to which `message_time` is integrated.
    double message_time = 0;  // The number of messages present, integrated over time.
    double sojourns = 0;      // Seconds for which messages were present, summed over them.
    double waited = 0;        // Of those that were carried: seconds beyond that on idle links.

    void integrate(double now) {
      message_time += static_cast<double>(present) * (now - since);
      since = now;
    }
  };

  static void record_message(LinkGroup& group, std::size_t link, double bytes, double now,
                             bool is_task);
  static void record_line_up(LinkGroup& group, std::size_t link, double bytes);
  static void record_leave(LinkGroup& group, std::size_t link, double bytes);
  static std::vector<double> capacities(const LinkGroup& group);
  static LinkLoad load_of(const LinkGroup& group, double end);
  static Traffic traffic_of(const Direction& direction, double end);

  Direction& direction_of(std::size_t hop, const Request* request) {
    return directions_[2 * hop + (request->up ? 0 : 1)];
  }
  std::size_t link_of(std::size_t hop, const Request* request) const {
    return places_.link_of(hop, request->record.device);
  }
  void record_end(Request* request, double now, double waited);
  double idle_transfer(const Request* request);
  /// Returns what the device's own link could carry while the device waits for the connection; 0 on
  /// a hop that does not leave it.
  double held_bytes(std::size_t hop, const Request* request) const;
  void acquit_neighbours(std::vector<HopUsage>& hops) const;

  const Legs& legs_;
  const network::Places& places_;
  std::vector<std::optional<Connecting>> connecting_;  // By leg. None: nothing delays a message.
  bool any_connecting_ = false;
  std::vector<Direction> directions_;  // Of each hop: up, down.
};

}  // namespace offcut::engine
