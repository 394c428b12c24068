#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "sim/training/step_times.h"

namespace offcut::training {

/// Times that differ by layer and are linear in the batch: forward, twice as long back, and an
/// update; a level is twice as fast as the one before.
class LayeredTimes final : public StepTimes {
 public:
  LayeredTimes(std::vector<double> forward, std::vector<double> update)
      : forward_(std::move(forward)), update_(std::move(update)) {}

  StepParts of(std::size_t, std::size_t level, std::int64_t batch,
               std::span<const LayerId> layers) const override {
    std::vector<LayerId> all(forward_.size());
    std::iota(all.begin(), all.end(), LayerId{0});
    StepParts parts;
    for (const LayerId id : layers.empty() ? std::span<const LayerId>(all) : layers) {
      const double speed = std::exp2(static_cast<double>(level));
      parts.forward += Seconds(static_cast<double>(batch) * forward_[id] / speed);
      parts.backward += Seconds(2 * static_cast<double>(batch) * forward_[id] / speed);
      parts.update += Seconds(update_[id] / speed);
    }
    return parts;
  }
  Seconds forward(std::size_t group, std::size_t level, std::int64_t batch) const override {
    return of(group, level, batch, {}).forward;
  }

 private:
  std::vector<double> forward_, update_;
};

}  // namespace offcut::training
