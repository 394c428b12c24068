#pragma once

#include <map>
#include <vector>

#include "sim/training/strategy.h"
#include "sim/training/work_time.h"

namespace offcut::training {

/// The idle times of payloads that some clients carry at once. On the first hop, those of a group
/// may share a link, and further on, all of them do. That is exact for alike clients.
class Together {
 public:
  Together(const System& system, const std::vector<std::size_t>& clients);
  /// So many of them at once, on every hop.
  Together(const System& system, const std::vector<std::size_t>& clients, std::size_t at_once);

  /// Returns the time from one level of the device's way to another one, over all hops.
  Seconds time(std::size_t device, std::size_t from, std::size_t to, Bytes bytes) const;
  /// The same without what passes when no byte is sent: what a link is busy with.
  Seconds busy_time(std::size_t device, std::size_t from, std::size_t to, Bytes bytes) const;
  /// Returns the time from a device to another one over the tier where they meet.
  Seconds ferry(std::size_t from, std::size_t to, Bytes bytes) const;

 private:
  const System& system_;
  std::size_t all_ = 0;
  std::map<std::size_t, std::size_t> of_group_;
};

/// Returns the mean of the largest of `count` values that are drawn from `values` without
/// replacement: sum over the order statistics of x_(i) C(i - 1, count - 1) / C(n, count). It is the
/// largest of all if `count` is their number.
double expected_largest(std::vector<double> values, std::size_t count);

/// The parts of a client's way through a round.
struct ClientWay {
  Seconds down, compute, up;
  Seconds all() const { return down + compute + up; }
};

/// Returns a round's forecast: the mean slowest of `count` ways, drawn at random; its parts are
/// those of the slowest way of all, scaled.
RoundForecast forecast_of_slowest(const std::vector<ClientWay>& ways, std::size_t count);

}  // namespace offcut::training
