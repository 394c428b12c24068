#pragma once

#include <vector>

#include "models/base/random.h"
#include "models/base/units.h"

namespace offcut::network {

/// The random part of a message's latency, in addition to the latency of its link.
struct Jitter {
  enum class Kind { exponential, lognormal, gamma, uniform, empirical };
  Kind kind = Kind::exponential;
  Seconds mean;   // Empirical: of both directions together.
  double cv = 1;  // Lognormal and gamma: standard deviation / mean. Uniform: from 0 to 2 * mean.
  /// Empirical: the equally likely delays of messages away from the device, and of those to it.
  std::vector<Seconds> up = {}, down = {};
};

/// The loss of packets, as the time of their retransmission. A message is through when all of its
/// packets have arrived. Each is lost with the same probability, independently; those that were
/// lost are sent again after a time-out, all at once, and may be lost again. Their bytes, which are
/// few, take no further time.
struct Loss {
  double probability = 0;  // Of a packet. Below 1.
  Seconds time_out;        // From the end of a round until the next one.
  Bytes packet{1448};      // The bytes of a message in a packet.

  /// Returns the number of packets of a message, at least 1.
  double packets(Bytes message) const;
  /// Returns the mean of the time that losses cost a message.
  Seconds mean(Bytes message) const;
};

/// Draw the jitter of a message, and the time that losses cost it. REQUIRES: empirical jitter has
/// delays of each direction.
Seconds draw(const Jitter& jitter, bool upwards, RandomStream& stream);
Seconds draw(const Loss& loss, Bytes message, RandomStream& stream);

}  // namespace offcut::network
