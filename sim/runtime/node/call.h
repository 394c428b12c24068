#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/faults.h"
#include "sim/runtime/node/part.h"
#include "sim/runtime/service/answerer.h"
#include "sim/runtime/transport/message.h"

namespace offcut::runtime {

/// How a node treats the requests that begin at it.
struct CallRules {
  network::FailurePolicy failures;
  Seconds gives_up_after = Seconds(std::numeric_limits<double>::infinity());  // Unanswered.
  Seconds deadline = Seconds(std::numeric_limits<double>::infinity());        // For policies.
  int priority = 0;
};

/// A request that begins at a node.
struct Call {
  std::map<std::string, Tensor> inputs;
  std::size_t cut = 0;
  std::optional<Seconds> arrival;  // On the loop's clock. None: now.
};

/// The notes of a node on a call. Times are on its loop's clock, later tiers' too, as far as the
/// offsets of the clocks are known.
struct CallTimes {
  std::size_t cut = 0;
  TierTimes own;
  std::vector<TierTimes> later;  // The next tier first.
  Seconds computed;              // By this node, in all.
  Seconds send_begins;           // When its message was taken up, after those before it.
  Seconds completion;
  Seconds lost;  // Failed attempts to send it, and the pauses after them.
  std::uint32_t failures = 0;
  bool fell_back = false;
  bool was_sent = false;
  std::size_t up_bytes = 0, down_bytes = 0;  // Of its message and the answer, on the wire.
};

/// The end of a call.
struct CallEnd {
  enum class How { answered, timed_out, rejected, lost, failed, interrupted };
  How how = How::answered;
  CallResult result;
  CallTimes times;
};

using CallDone = std::function<void(CallEnd)>;

}  // namespace offcut::runtime
