#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/base/units.h"

namespace offcut::network {

/// A time during which one machine of a tier, or one link of a hop, is down.
struct Outage {
  std::size_t which = 0;  // from 0
  Seconds from;
  Seconds until;  // finite
};

/// When the machines of a tier, or the links of a hop, are down: at given times, or each of them on
/// its own, up and down for exponential times of these means, or both.
struct Faults {
  struct Exponential {
    Seconds up, down;  // means
  };
  std::vector<Outage> outages;
  std::optional<Exponential> exponential;

  bool any() const { return !outages.empty() || exponential; }
};

/// A request that has failed so often is dropped: with services that are longer than machines stay
/// up, it would go on for ever.
inline constexpr std::uint16_t kMostFailuresOfRequest = 10'000;

/// What becomes of a request of a class whose transfer or computation was lost, since a link or a
/// machine went down or was down. What was lost is done again from its beginning: a message is sent
/// again by its sender, a computation is dispatched again by its tier.
struct FailurePolicy {
  enum class Then {
    wait,   // until the link or a machine is up again; then it is done again
    local,  // the device computes the whole model by itself
    drop
  };
  std::int64_t retries = 0;  // so often, before `then`
  Seconds backoff;           // before the first of them
  double factor = 2;         // before each further one, so many times as long
  Then then = Then::wait;
  bool local_when_rejected = false;  // by an admission rule; else such a request is dropped
};

}  // namespace offcut::network
