#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "sim/runtime/transport/prober.h"

namespace offcut::runtime {

/// The extent of a measurement.
struct LinkProbePlan {
  Seconds time{10};                                // Of the whole measurement, roughly.
  std::size_t most_bytes = std::size_t{4} << 20U;  // Of a message.
  Seconds time_out{0.2};  // The least retransmission time-out of TCP, after which it is idle.
};

/// Quantiles of repeated measurements of one quantity.
struct Spread {
  double low = 0;  // 10 %.
  double median = 0;
  double high = 0;  // 90 %.
  std::size_t count = 0;
};

/// Returns the spread of the values. REQUIRES: there are some.
Spread spread_of(const std::vector<double>& values);

/// Messages of one size in one direction, over a connection in use.
struct SizeTimes {
  std::size_t bytes = 0;
  Spread seconds;  // From the begin of sending until the echo without a load is back.
};

struct DirectionFigures {
  std::vector<SizeTimes> sizes;  // Ascending.
  Spread rate;                   // Bytes of messages per second, without headers of packets.
  // The same message over a connection in use, over a new one, and over one that was idle.
  std::size_t cold_bytes = 0;
  Spread warm, fresh, idle;  // Seconds.

  /// Returns whether a message took longer by more than half a round trip, and than its spread
  /// explains.
  bool is_slower(const Spread& cold, Seconds round_trip) const;
};

struct LinkFigures {
  Spread connecting;                // Seconds of a TCP handshake.
  std::vector<double> round_trips;  // Seconds, of probes without a load.
  DirectionFigures up, down;
  Seconds own_message;  // Of this program: half of a round trip within this machine.
  double payload = 1;   // Share of a packet that carries messages, from TCP's segment size.

  Seconds shortest_round_trip() const;
  /// One way, without the time of the program itself.
  Seconds latency() const;
  /// Mean and coefficient of variation of what a message takes in addition, one way.
  Seconds jitter_mean() const;
  double jitter_cv() const;
};

/// Measures the link to the node that the prober names. `progress` is called with the share that
/// is done, and may throw. Throws ProbeError.
LinkFigures measure_link(Prober& prober, const LinkProbePlan& plan,
                         const std::function<void(double)>& progress);

/// Returns half of the shortest round trips over this machine's loopback, the time that the
/// program and the system need for a message. Throws InputError if there is no loopback.
Seconds own_message_time();

}  // namespace offcut::runtime
