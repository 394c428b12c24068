#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/base/units.h"

namespace offcut {

/// The times of a network's layers, measured at one or several batch sizes. A time is that of the
/// whole batch.
class MeasuredTimes {
 public:
  /// Adds the times of a batch, one for each layer. REQUIRES: batch >= 1; as many layers as in
  /// other batches.
  void add(std::int64_t batch, std::vector<Seconds> layers);

  /// Returns whether batches of several sizes were measured, so that others can be told from them.
  bool has_batches() const { return by_batch_.size() > 1; }
  /// Returns the measured batch sizes in ascending order.
  std::vector<std::int64_t> batches() const;

  /// Returns the times of single requests. REQUIRES: batch 1 was added.
  const std::vector<Seconds>& single() const { return by_batch_.at(1); }

  /// Returns the times of a batch: as measured; on the straight line between the next smaller and
  /// the next larger measured batch; and beyond the largest one with its time per request, so that
  /// no gain is assumed that nobody measured. REQUIRES: batch 1 was added; batch >= 1.
  std::vector<Seconds> at(double batch) const;

 private:
  std::map<std::int64_t, std::vector<Seconds>> by_batch_;
};

}  // namespace offcut
