#pragma once

#include <algorithm>
#include <optional>

#include "partition/transport.h"

namespace offcut::study {

/// One direction of a link between two tiers, as a scenario describes it.
struct LinkModel {
  double rate = 0;     // Bytes of messages per second.
  double latency = 0;  // Of one way, in seconds.
  double burst = 0;    // Bytes of messages that pass at once after a pause.
  std::optional<partition::Tcp> tcp;
};

/// Sends messages one after another over a direction of a link, by the rules of the engine
/// (engine::Connections and engine::TokenBuckets), to tell what a model says of measured messages.
class LinkReplay {
 public:
  explicit LinkReplay(const LinkModel& link) : link_(link), tokens_(link.burst) {}

  /// Returns the time from the first to the last bit of the next message. REQUIRES: `start` is not
  /// before the last bit of the message before it.
  double duration(double start, double bytes);

 private:
  double transmit(double now, double bytes);

  LinkModel link_;
  double tokens_;
  double idle_since_ = 0;
  double round_ = 0, window_ = 0, sent_ = 0, last_ = 0;  // As in engine::Connections::Window.
};

}  // namespace offcut::study
