#pragma once

#include <vector>

#include "models/parallel/sliced_network.h"
#include "sim/training/strategy.h"

namespace offcut::training {

/// A job's network with its layers sliced over devices, and the states of both.
class SlicePlan {
 public:
  /// The job outlives the plan. Throws InputError for a network that can't be sliced.
  SlicePlan(const Job& job, std::size_t devices);

  const parallel::SlicedNetwork& sliced() const { return sliced_; }

  /// Copies weights and statistics between states of the whole and of the sliced network.
  State slices_of(const State& whole, const Layout& layout) const;
  State whole_of(const State& slices, const Layout& layout) const;

  /// The messages between devices after a piece of work.
  enum class Exchange { none, gather, reduce };
  /// A piece of a step: all devices compute, and then exchange parts of a tensor.
  struct Phase {
    std::vector<Seconds> compute;  // By device.
    Exchange exchange = Exchange::none;
    Bytes bytes;  // Of the whole tensor, for the batch.

    Seconds longest() const;
  };
  /// Returns the phases of a step on the devices of these groups: a slice takes its share of the
  /// layer's time, and all other layers run on every device. With columns, results are gathered and
  /// slopes of inputs added up; with rows, the other way round.
  std::vector<Phase> phases(const std::vector<std::size_t>& groups, std::int64_t batch) const;

 private:
  /// Copies each slice of a parameter to its place in the whole one, or back.
  template <class Copy>
  void for_each_run(const Layout& slices, Copy copy) const;

  const Job& job_;
  parallel::SliceDirection direction_;
  parallel::SlicedNetwork sliced_;
  std::vector<std::vector<double>> shares_;  // By layer of the whole network and device.
  std::vector<bool> is_sliced_;              // By layer of the whole network.
};

}  // namespace offcut::training
