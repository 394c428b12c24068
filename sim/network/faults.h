#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "models/base/units.h"
#include "sim/network/availability.h"

namespace offcut::network {

/// A time during which one machine of a tier, or one link of a hop, is down.
struct Outage {
  std::size_t which = 0;  // The number of the machine or link, from 0.
  Seconds from;
  Seconds until;  // Infinite: it never comes up again.
};

/// The outages of the machines of a tier or the links of a hop: at given times, or random ones, for
/// which each of them independently is up and down for exponential times, or both. Those of devices
/// and their links are also down while the device is away.
struct Faults {
  struct Exponential {
    Seconds up, down;  // Mean times. With an infinite `down`, the first failure is for good.
  };
  std::vector<Outage> outages;
  std::optional<Exponential> exponential;
  /// By component: the times at which its device is there. Empty: all devices always are.
  std::vector<std::shared_ptr<const Availability>> presence;

  bool any() const { return any_outages() || !presence.empty(); }
  /// Returns whether any happen while the device is there.
  bool any_outages() const { return !outages.empty() || exponential; }
  /// Returns whether some of those never end.
  bool any_for_good() const {
    const Seconds infinite{std::numeric_limits<double>::infinity()};
    return (exponential && exponential->down == infinite) ||
           std::any_of(outages.begin(), outages.end(),
                       [infinite](const Outage& outage) { return outage.until == infinite; });
  }
};

/// A request that has failed this often is dropped: if its service takes longer than machines stay
/// up, it would never end.
inline constexpr std::uint16_t kMostFailuresOfRequest = 10'000;

/// The treatment of a request that loses a transfer or a computation because a link or a machine
/// goes down or is down, set for each class. Lost work is done again from its beginning: the sender
/// sends the message again, the tier dispatches the computation again.
struct FailurePolicy {
  enum class Then {
    /// Wait until the link or a machine is up again, then try again; if none will come up, drop.
    wait,
    local,  // Let the device compute the whole model by itself.
    drop,
    /// Send the message again, to the next site of the tier with a machine that is up.
    other_site,
    /// Let the next tier compute what this one would have computed, too.
    next_tier
  };
  std::int64_t retries = 0;  // Attempts before `then` applies.
  Seconds backoff;           // The pause before the first retry.
  double factor = 2;         // Each further pause is this many times as long.
  Then then = Then::wait;
  bool local_when_rejected = false;  // Otherwise a request that admission rejects is dropped.
};

}  // namespace offcut::network
