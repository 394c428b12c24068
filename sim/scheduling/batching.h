#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "sim/scheduling/tried_values.h"

namespace offcut::scheduling {

/// The largest batch that a policy may take: the engine has a table of the times of all sizes.
inline constexpr std::size_t kLargestBatch = 65'536;

/// The next action of a free server for the requests of one class that wait for it.
struct BatchDecision {
  std::size_t take = 0;  // The number of requests to compute together now; 0: wait.
  /// The time to decide again if nothing else happens until then; infinite: never. Used if it
  /// waits, and later than now.
  Seconds again = Seconds(std::numeric_limits<double>::infinity());
};

/// Puts the requests of one queue together into batches.
class Batching {
 public:
  virtual ~Batching() = default;
  /// Decides for `waiting` requests, of which the oldest has waited since `oldest`; if more of them
  /// wait than any batch takes, `oldest` is the time of any one. REQUIRES: waiting >= 1.
  virtual BatchDecision decide(std::size_t waiting, Seconds oldest, Seconds now) = 0;
  /// Is told that a batch of `size` requests is done, and that computing it took `took`.
  virtual void finished(std::size_t /*size*/, Seconds /*took*/) {}
};

/// A batching policy. Registered by one file of sim/scheduling/policies/batching/. A batch that can
/// no longer fill up, since nothing else will ever happen, starts with the requests it has.
struct BatchingKind {
  static constexpr const char* kTitle = "batching policy";  // In messages.

  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  /// Throws std::invalid_argument if its parameters contradict each other.
  std::unique_ptr<Batching> (*make)(const Parameters&);
  /// Returns the largest batch that it ever takes, from 1 to kLargestBatch.
  std::size_t (*most)(const Parameters&);
  /// Returns the longest time that a batch may take; null: the policy has no such objective.
  Seconds (*objective)(const Parameters&) = nullptr;
  std::vector<TriedValues> tries = {};  // Of its parameters, see TriedValues.
};

void register_batching(Registry<BatchingKind>& registry);

}  // namespace offcut::scheduling
