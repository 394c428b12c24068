#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "one_class.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// A run with all its requests, in the order in which they ended.
struct Recorded {
  RunRecord run;
  std::vector<RequestRecord> requests;
};

/// Runs each simulation in a process of its own, since there can be one per process, and returns
/// its record to the last bit.
std::vector<Recorded> record_all(const std::vector<Simulation>& simulations);
Recorded record(const Simulation& simulation);
Recorded record(const OneClass& simulation);

/// Returns the times at which the device's requests arrived, in order.
std::vector<double> arrivals_of(const Recorded& recorded, std::size_t device);

/// Compares to 1e-9, the precision that the engine promises.
inline doctest::Approx about(double value) {
  return doctest::Approx(value).epsilon(1e-9).scale(0.1);
}

/// Makes the registered arrivals of that name with these parameters (SI); others have their
/// defaults.
std::unique_ptr<workload::Arrivals> make_arrivals(
    const std::string& name, std::initializer_list<std::pair<const char*, double>> parameters);

/// Gives device i its first request at `first[i]`, and each further one `gap` later.
class Schedule : public workload::Arrivals {
 public:
  explicit Schedule(std::vector<double> first, double gap = 1e6)
      : first_(std::move(first)), gap_(gap) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override {
    return source.count++ == 0 ? Seconds(first_.at(source.number)) : now + Seconds(gap_);
  }

 private:
  std::vector<double> first_;
  double gap_;
};

}  // namespace offcut::engine
