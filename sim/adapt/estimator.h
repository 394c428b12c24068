#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/base/units.h"

namespace offcut::adapt {

/// One of a device's own messages, as the device sees it: from the moment at which it began to send
/// (or to receive) until the last bit had left the sender. The latency is no part of it; the stalls
/// of TCP, and the time in which other messages had the link, are.
struct Transfer {
  Seconds start;
  Seconds end;
  Bytes bytes;

  BytesPerSecond rate() const { return BytesPerSecond(bytes.si() / (end - start).si()); }
};

/// Estimates the rate up of a device's link from the transfers over it. Each device has an object
/// of its own.
class Estimator {
 public:
  virtual ~Estimator() = default;
  /// REQUIRES: it has bytes and took time; transfers come in the order of their ends.
  virtual void observe(const Transfer& transfer) = 0;
  /// Returns the estimate; none before the first transfer.
  virtual std::optional<BytesPerSecond> rate() const = 0;
};

/// A bandwidth estimator. Registered by one file of sim/adapt/estimators/.
struct EstimatorKind {
  static constexpr const char* kTitle = "bandwidth estimator";  // In messages.

  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Estimator> (*make)(const Parameters&) = nullptr;  // Null: it knows the truth.
};

void register_estimators(Registry<EstimatorKind>& registry);

}  // namespace offcut::adapt
