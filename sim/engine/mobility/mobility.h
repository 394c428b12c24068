#pragma once

#include <limits>
#include <memory>

#include "models/base/units.h"
#include "sim/network/movement.h"

namespace offcut::engine {

/// The mobility of the devices. Handovers says what becomes of their requests.
struct Mobility {
  /// The treatment of a request whose message is on its device's link, or which is at a site, when
  /// its device leaves that. Its message is sent again from its beginning in any case but `drop`.
  enum class UnderWay {
    follow,  // It is taken along to the new site, unless a machine has begun to compute it.
    finish,  // The old site computes it, and its answer is taken along.
    drop
  };
  std::shared_ptr<const network::Movement> movement;
  Seconds interruption;  // The time of a handover, for which the device's link carries nothing.
  UnderWay under_way = UnderWay::follow;
  /// The link between any two sites. Transfers do not share it: each takes latency + bytes / rate.
  BytesPerSecond backbone{std::numeric_limits<double>::infinity()};
  Seconds latency;
  Bytes state;                // Of a device, which follows it before a new site serves it.
  bool pulls_models = false;  // A site without the weights of a model pulls them from another one.
};

}  // namespace offcut::engine
