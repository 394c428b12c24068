#pragma once

#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// The payload of a TCP segment: 1500 bytes without the headers of IPv4 and TCP and the timestamps.
inline constexpr Bytes kSegment{1448};

/// Messages over TCP connections: each device has one over each hop, and each of its directions
/// has a congestion window of its own.
///
/// A sender in slow start sends a window, waits for its acknowledgement, which comes a round trip
/// after the window's first byte left, and goes on with a window that has grown by the bytes that
/// were sent: twice the window if all of it was used (RFC 5681, section 3.1). It never waits again
/// once a window fills the round trip: window >= bandwidth * round trip. The round trip is twice
/// the hop's latency.
struct Tcp {
  double initial_window = 10;  // Segments (RFC 6928). At least 1.
  /// A direction that sent nothing for longer than the retransmission time-out begins again with
  /// the initial window (RFC 5681, section 4.1).
  bool idle_restart = true;
  /// Each request opens a connection: its message waits for a round trip before its first byte, and
  /// it and its answer begin with the initial window. Otherwise connections exist from the start.
  bool handshake = false;

  Bytes first_window() const { return kSegment * initial_window; }
};

/// Returns the retransmission time-out of a connection whose round trips do not vary: SRTT + 4 *
/// RTTVAR (RFC 6298), where Linux takes 200 ms for a smaller 4 * RTTVAR.
inline Seconds retransmission_timeout(Seconds round_trip) { return round_trip + Seconds(0.2); }

/// A pause of the sender in the middle of a message, during which the link is idle.
struct Stall {
  Bytes after;  // It happens in messages with more bytes than these, once they are sent.
  Seconds time;
};

/// Returns the stalls of a message that has the link for itself and begins with the initial window,
/// ascending. REQUIRES: rate > 0, initial_window >= 1.
std::vector<Stall> slow_start_stalls(const Tcp& tcp, BytesPerSecond rate, Seconds round_trip);

/// Returns the sum of the stalls of a message of this size.
Seconds stall_time(const std::vector<Stall>& stalls, Bytes message);

}  // namespace offcut::partition
