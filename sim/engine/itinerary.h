#pragma once

#include <cstdint>
#include <vector>

#include "models/base/units.h"

namespace offcut::engine {

/// What a tier does for a request.
struct Stage {
  bool used = false;  // has layers; otherwise the tier only relays
  /// Of 1, 2, ... requests computed together; at least one.
  std::vector<Seconds> service = {Seconds(0)};
  Seconds tail;  // tier 0 only: what is left to compute there once the answer is back
  Bytes model;   // the size of the layers' weights, which have to be in the server's memory
};

/// What a request sends over a hop.
struct Crossing {
  bool goes_up = false;
  Bytes up_bytes;
  /// Where requests differ in what they send up: request r sends the element r modulo their number.
  std::vector<Bytes> up_bytes_of_input;
  bool comes_down = false;
  Bytes down_bytes;

  Bytes up_bytes_of(std::int64_t request) const {
    return up_bytes_of_input.empty()
               ? up_bytes
               : up_bytes_of_input[static_cast<std::size_t>(request) % up_bytes_of_input.size()];
  }
};

/// The path of a request through the system: outward over tiers and hops, and back with the answer.
struct Itinerary {
  std::vector<Stage> stages;        // by tier
  std::vector<Crossing> crossings;  // by hop
};

/// An itinerary on which the device computes the whole model alone. `tiers` is their number in the
/// system, `model` the size of the weights in the device's memory.
Itinerary on_device_alone(Seconds service, std::size_t tiers, Bytes model = Bytes(0));
/// Whether only the device computes, without a tail, and nothing crosses a hop.
bool is_on_device_alone(const Itinerary& itinerary);

}  // namespace offcut::engine
