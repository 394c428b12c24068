#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/engine/core/request.h"
#include "sim/network/attachment.h"

namespace offcut::engine {

/// The TCP connections of the devices, see partition::Tcp: a window per device, leg and direction.
/// They cut messages into pieces, each of which the link carries as a whole and shares with other
/// messages; between two pieces, the message stalls and the link is free. A round begins with a
/// window's first byte. When the window is used up, the message goes on a round trip after that,
/// with a window that has grown by the bytes of the round.
///
/// Messages that are under way on one connection at the same time share its window.
class Connections {
 public:
  Connections(const Simulation& simulation, const Legs& legs,
              const network::Attachment& attachment);

  /// Returns whether the leg's messages go over TCP. REQUIRED by all functions below.
  bool serves(std::size_t leg) const { return !legs_.empty() && legs_[leg].has_value(); }

  /// A message of request->bytes begins. Without bytes, it only waits until its connection is open.
  void open(Request* request, double now);
  struct Next {
    Bytes piece;      // 0: it stalls, or has no bytes and is through.
    double time = 0;  // Until which it stalls.
  };
  /// Returns the size of the message's next piece, which leaves now, or the time until which it
  /// stalls. Takes the piece from request->unsent.
  Next next(Request* request, double now);
  /// A piece has left the sender, or was lost.
  void left(const Request* request, double now);
  /// The message has left, or was lost or withdrawn. A connection of its own is closed.
  void close(Request* request);
  /// Returns how long a message waits for its connection to be opened.
  Seconds opening(const Request* request) const {
    return legs_[request->stage]->opening[request->up ? 0 : 1];
  }

 private:
  /// The window of a direction of a connection.
  struct Window {
    double round = 0;          // The time at which the present round began.
    double bytes = 0;          // 0: nothing was sent so far.
    double sent = 0;           // Bytes of the present round.
    double last = 0;           // The time at which the last piece left.
    std::size_t messages = 0;  // Under way.
  };
  struct Leg {
    partition::Tcp tcp;
    Seconds round_trip;
    Seconds opening[2];              // Up and down, as all that follows.
    double filling[2] = {0, 0};      // Bytes that fill the round trip.
    std::vector<Window> windows[2];  // By device; empty if each message has a connection.
    std::size_t first = 0;           // The first device.
  };

  Window& window_of(const Request* request);

  std::vector<std::optional<Leg>> legs_;            // Empty if none has TCP.
  std::unordered_map<const Request*, Window> own_;  // Of messages that opened a connection.
};

}  // namespace offcut::engine
