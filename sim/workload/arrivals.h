#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/random.h"
#include "models/base/registry.h"

namespace offcut::workload {

/// Something that asks: a device, or all devices together. What a process remembers of it stands
/// here, so that the process itself is shared by all sources and unchanging.
struct ArrivalSource {
  std::size_t number = 0;  // of the device; 0 where there is one source for all of them
  RandomStream stream;
  std::uint64_t count = 0;  // what a process keeps from call to call: it starts at zero
  double value = 0;
};

/// When a source's requests arrive.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  /// The time of the source's next request, not before `now`: the time of its last one, or, in a
  /// closed loop, of the answer to that; 0 at first. Infinite: there is no next one.
  virtual Seconds next(Seconds now, ArrivalSource& source) const = 0;
  /// Where devices have requests of their own (a trace): one more than the highest device's number;
  /// 0: all sources are alike.
  virtual std::size_t devices() const { return 0; }
};

/// A kind of arrival process. Registered by one file of sim/workload/generators/.
struct ArrivalKind {
  std::string name;
  std::string doc;
  bool closed_loop = false;  // a source waits for its answer before it asks again
  std::vector<ParameterSpec> parameters;
  /// Throws InputError where a file that its parameters name is wrong.
  std::unique_ptr<Arrivals> (*make)(const Parameters&);
  /// Mean requests per second of a source, in the long run; 0 where it depends on the answers
  /// (closed loop), or where there are only so many requests (traces).
  PerSecond (*rate)(const Parameters&);
};

/// Generated from sim/workload/generators/*.cpp.
void register_arrivals(Registry<ArrivalKind>& registry);

}  // namespace offcut::workload
