#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "sim/network/rates/trace.h"

namespace offcut::scenario {

/// The traces that the links of a hop, or the uplinks after them, follow.
struct TraceChoice {
  /// At the end of a trace, it begins again, the last row holds for good, or the link goes down for
  /// good.
  enum class Loop { repeat, hold, end };
  using Files = std::vector<std::shared_ptr<const network::Trace>>;

  std::string path;  // Of the key in the scenario: "network.device-edge.trace".
  Place place;
  /// Dealt to the links in turn. Empty: the direction does not change.
  Files up, down;
  Loop loop = Loop::repeat;
  /// The links' first times within their traces, in turn.
  std::vector<Seconds> offsets = {Seconds(0)};
  bool draws_offset = false;  // Each link draws one within the length of its trace instead.
  network::TraceScale scale;

  const Files& files(bool upwards) const { return upwards ? up : down; }
  /// Returns the mean bandwidth over time, headers included, over all files; none if the direction
  /// does not change.
  std::optional<BytesPerSecond> mean(bool upwards) const;
  /// Returns the mean latency over both directions; none if no file has latencies.
  std::optional<Seconds> mean_latency() const;
};

}  // namespace offcut::scenario
