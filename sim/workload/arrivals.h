#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/random.h"
#include "models/base/registry.h"

namespace offcut::workload {

/// A source of requests: a device, or all devices together. It holds the state of its process, so
/// that one unchanging process serves all sources.
struct ArrivalSource {
  std::size_t number = 0;  // The number of the device; 0 if there is one source for all of them.
  RandomStream stream;
  // State that a process may keep from call to call.
  std::uint64_t count = 0;
  double value = 0;
};

/// What a row of a file says of a request, beyond its time.
struct RequestDetail {
  std::optional<std::int64_t> input;  // Its number in the data set. None: that of the request.
  std::optional<Bytes> bytes;         // The size of the message that its device sends.
};

/// A process that gives the arrival times of a source's requests.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  /// Returns the time of the source's next request, not before `now`; infinite: there is none.
  /// `now` is the time of its last request, or, in a closed loop, of the answer to that; 0 at
  /// first.
  virtual Seconds next(Seconds now, ArrivalSource& source) const = 0;
  /// Returns one more than the highest device number of a process that treats devices individually
  /// (a trace), and 0 if all sources are alike.
  virtual std::size_t devices() const { return 0; }
  /// Throws InputError at the place in the process's file if it names a device that does not exist,
  /// or whose requests no class takes. `taken` says of each device whether one does.
  virtual void check_devices(const std::vector<bool>& /*taken*/) const {}
  /// Returns the classes that the process's file names, of which it gives the requests of one;
  /// empty if it names none.
  virtual std::vector<std::string> classes() const { return {}; }
  /// Returns whether requests have details.
  virtual bool has_details() const { return false; }
  /// Returns those of the request whose time next() gave last. REQUIRES: has_details().
  virtual RequestDetail detail(const ArrivalSource& /*source*/) const { return {}; }
  /// Returns one more than the highest number of an input that a detail has; 0 if none has one.
  virtual std::int64_t inputs() const { return 0; }
  /// Throws InputError at the place in the process's file if a detail has an input beyond the first
  /// `count`, or another text for it.
  virtual void check_inputs(std::int64_t /*count*/) const {}
};

/// A kind of arrival process. Registered by one file of sim/workload/generators/.
struct ArrivalKind {
  std::string name;
  std::string doc;
  bool closed_loop = false;  // A source waits for an answer before it sends the next request.
  std::vector<ParameterSpec> parameters;
  /// Throws InputError if a file that its parameters name is invalid, and std::invalid_argument if
  /// a parameter is.
  std::unique_ptr<Arrivals> (*make)(const Parameters&);
  /// Returns the mean requests per second of a source in the long run; 0 if the rate depends on the
  /// answers (closed loop) or the number of requests is fixed (traces).
  PerSecond (*rate)(const Parameters&);
};

/// Generated from sim/workload/generators/*.cpp.
void register_arrivals(Registry<ArrivalKind>& registry);

}  // namespace offcut::workload
