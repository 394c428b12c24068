#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"

namespace offcut::scheduling {

/// No policy may take more requests together than this: their times are held in a table.
inline constexpr std::size_t kLargestBatch = 65'536;

/// What a free server is to do with the requests of one class that wait for it.
struct BatchDecision {
  std::size_t take = 0;  // compute so many together, now; 0: wait
  /// While waiting: when to decide again though nothing else has happened. Infinite: never.
  Seconds again = Seconds(std::numeric_limits<double>::infinity());
};

/// How the requests of one queue are put together into batches.
class Batching {
 public:
  virtual ~Batching() = default;
  /// `waiting` requests wait, the oldest of them since `oldest`; or, where more wait than any batch
  /// takes, one of them. REQUIRES: waiting >= 1.
  virtual BatchDecision decide(std::size_t waiting, Seconds oldest, Seconds now) = 0;
  /// A batch of `size` requests is done; it was computed for `took`.
  virtual void finished(std::size_t /*size*/, Seconds /*took*/) {}
};

/// A way of batching. Registered by one file of sim/scheduling/policies/batching/. Where requests
/// wait for a batch that can't fill up any more, since nothing else will ever happen, the engine
/// computes what there is.
struct BatchingKind {
  static constexpr const char* kTitle = "batching policy";  // In messages.

  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  /// Throws std::invalid_argument where its parameters don't go together.
  std::unique_ptr<Batching> (*make)(const Parameters&);
  /// The largest batch that it ever takes, from 1 to kLargestBatch.
  std::size_t (*most)(const Parameters&);
};

void register_batching(Registry<BatchingKind>& registry);

}  // namespace offcut::scheduling
