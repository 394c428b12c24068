#pragma once

#include "sim/training/local_trainer.h"

namespace offcut::training {

/// The batches of a run whose rounds are steps: epoch after epoch, each in another order.
class StepOrder {
 public:
  /// The samples of the work outlive the order; its batch and seed count.
  explicit StepOrder(LocalWork work) : work_(std::move(work)) {}

  std::span<const std::int64_t> next() {
    if (place_ == order_.size()) {
      order_ = order_of_epoch(work_, epoch_++);
      place_ = 0;
    }
    const std::size_t full =
        work_.batch == 0 ? order_.size() : static_cast<std::size_t>(work_.batch);
    const std::size_t count = std::min(full, order_.size() - place_);
    place_ += count;
    return std::span(order_).subspan(place_ - count, count);
  }

 private:
  LocalWork work_;
  std::vector<std::int64_t> order_;
  std::size_t place_ = 0;
  std::int64_t epoch_ = 0;
};

}  // namespace offcut::training
