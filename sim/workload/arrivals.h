#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/random.h"
#include "models/base/registry.h"

namespace offcut {

/// When one device's requests arrive. Stateless: every device draws from its own stream.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  /// Time of the first request.
  virtual Seconds first(RandomStream& stream) const = 0;
  /// Open arrivals: from one request to the next. Closed loop: from an answer to the next request.
  virtual Seconds gap(RandomStream& stream) const = 0;
};

/// A kind of arrival process. Registered by one file of sim/workload/generators/.
struct ArrivalKind {
  std::string name;
  std::string doc;
  bool closed_loop = false;  // a device waits for its answer before it asks again
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Arrivals> (*make)(const Parameters&);
  /// Mean requests per second and device; 0 where it depends on the answers (closed loop).
  PerSecond (*rate)(const Parameters&);
};

void register_arrivals(
    Registry<ArrivalKind>& registry);  // generated from sim/workload/generators/*.cpp

}  // namespace offcut
