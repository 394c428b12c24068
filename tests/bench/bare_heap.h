#pragma once

#include <cstdint>
#include <vector>

namespace offcut::bench {

/// Devices that compute, send over links of their own, are served by servers with one queue, and
/// get an answer. Times are means in seconds; computing is exponential, links are constant.
struct BareSystem {
  std::size_t devices = 1, servers = 1;
  double rate = 1;  // Poisson arrivals per second and device.
  double device_seconds = 0, server_seconds = 0, up_seconds = 0, down_seconds = 0;
  double latency = 0;  // One-way.
};

/// Mean latencies by device, for the scatter of the mean over all. Devices are independent of each
/// other, except for the small influence of shared servers.
class DeviceMeans {
 public:
  explicit DeviceMeans(std::size_t devices) : sums_(devices), counts_(devices) {}
  void add(std::size_t device, double latency) {
    sums_[device] += latency;
    counts_[device] += 1;
  }
  double mean() const;
  /// The standard error of a ratio of two sums over devices.
  double standard_error() const;

 private:
  std::vector<double> sums_, counts_;
};

struct BareResult {
  double mean = 0;
  double standard_error = 0;
};

/// Runs a simulation with nothing but a heap of events and first-come-first-served queues: the
/// least cost of an event-driven simulation.
BareResult run_bare(const BareSystem& system, std::int64_t requests);

}  // namespace offcut::bench
