#pragma once

#include <optional>
#include <vector>

#include "analysis/statistics/interval.h"
#include "sim/study/calibration/link_replay.h"
#include "sim/study/calibration/measured_run.h"

namespace offcut::study {

/// The messages of a run that crossed a hop in one direction, by the time at which they were ready.
struct MeasuredMessage {
  double ready = 0;                  // The sender had finished its computation.
  double first_byte = kUnknownTime;  // At the receiver, like the next.
  double last_byte = 0;
  double bytes = 0;
};
using MeasuredMessages = std::vector<MeasuredMessage>;

/// Returns the messages of a run over the hop from `tier` to the next one, or of the answers back.
/// Each has this size.
MeasuredMessages messages_of(const MeasuredRun& run, std::size_t tier, bool upwards, double bytes);

/// A hop as a scenario states it. Bandwidths are in bytes per second.
struct HopModel {
  double up = 0, down = 0;
  double payload = 1, latency = 0, per_message = 0, burst = 0;
  std::optional<partition::Tcp> tcp;

  LinkModel link(bool upwards) const {
    return {(upwards ? up : down) * payload, latency, burst, tcp};
  }
};

/// A hop as measurements show it.
struct HopFit {
  HopModel hop;
  std::optional<analysis::Interval> payload, latency, fixed;  // None: as given. `fixed`: see below.
  bool payload_from_backlog = false;  // Otherwise from messages of several sizes.
  std::size_t messages = 0, backlogged = 0;
  bool transport_shows = false;    // Stalls are possible, so that messages tell the transport.
  bool transport_changed = false;  // Another one explains the messages better than the given one.
  /// The time of each message in seconds that the model does not explain: at least 0.
  std::vector<double> up_rest, down_rest;
};

/// Fits a hop to messages of several runs, each with its directions:
///
/// - the latency to the first bytes of messages that found the link free, unless the given one
/// fits;
/// - the payload to the times between the last bytes of messages that waited for each other, in
///   which neither latencies nor fixed times are, or else to the fastest messages of two sizes;
/// - the fixed time of the fastest messages (their 5 % quantile) beyond that: a time per message,
/// or
///   if it is negative, the burst of a shaper;
/// - TCP's settings by trying a few, where the round trip lets messages stall.
HopFit fit_hop(const HopModel& given, const std::vector<MeasuredMessages>& up,
               const std::vector<MeasuredMessages>& down);

}  // namespace offcut::study
