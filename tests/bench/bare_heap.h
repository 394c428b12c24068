#pragma once

#include <cstdint>
#include <vector>

namespace offcut::bench {

/// Devices that compute, send over links of their own, are served by servers on one queue, and get
/// an answer. Times are means in seconds; computing is exponential, links are constant.
struct BareSystem {
  std::size_t devices = 1, servers = 1;
  double rate = 1;  // Poisson requests per second and device
  double device_seconds = 0, server_seconds = 0, up_seconds = 0, down_seconds = 0;
  double latency = 0;  // each way
};

/// Mean latencies by device, which are independent of each other, but for what little the servers
/// make them share: what a mean over all scatters by.
class DeviceMeans {
 public:
  explicit DeviceMeans(std::size_t devices) : sums_(devices), counts_(devices) {}
  void add(std::size_t device, double latency) {
    sums_[device] += latency;
    counts_[device] += 1;
  }
  double mean() const;
  /// Of the ratio of two sums over devices.
  double standard_error() const;

 private:
  std::vector<double> sums_, counts_;
};

struct BareResult {
  double mean = 0;
  double standard_error = 0;
};

/// A simulation with nothing but a heap of events and first-come-first-served queues: the least
/// that an event-driven one costs.
BareResult run_bare(const BareSystem& system, std::int64_t requests);

}  // namespace offcut::bench
