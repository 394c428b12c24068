#pragma once

#include <cstddef>

namespace offcut::engine {

/// Measures the load of a site for its autoscaler: the means over the time between two readings.
class LoadMeter {
 public:
  void cores_busy(double now, std::ptrdiff_t change);
  void requests_present(double now, std::ptrdiff_t change);

  struct Reading {
    double busy_cores = 0;
    double requests = 0;
  };
  /// Returns the means since the last reading.
  Reading read(double now);

 private:
  void integrate(double now);

  double read_at_ = 0;
  double since_ = 0;
  std::ptrdiff_t busy_ = 0;
  std::ptrdiff_t requests_ = 0;
  // Integrals over time since the last reading.
  double busy_time_ = 0;
  double request_time_ = 0;
};

}  // namespace offcut::engine
