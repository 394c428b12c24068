#pragma once

#include <boost/pending/disjoint_sets.hpp>

#include "models/compress/channel_map.h"

namespace offcut::compress {

/// Collects which positions belong to one channel, by union-find over all positions of a graph's
/// tensors. At first every position is a channel of its own, and free.
class ChannelTies {
 public:
  explicit ChannelTies(const Graph& graph);
  ChannelTies(const ChannelTies&) = delete;
  ChannelTies& operator=(const ChannelTies&) = delete;

  std::int64_t extent(Axis axis) const { return extents_[id(axis)]; }

  /// REQUIRES: the positions exist (std::logic_error otherwise).
  void tie(Axis a, std::int64_t i, Axis b, std::int64_t j);
  void fix(Axis axis, std::int64_t position);
  void fix(Axis axis);
  void fix(TensorId tensor);
  void sum_over(Axis axis) { summed_.insert(axis); }

  /// Returns whether all positions of an axis are fixed by now.
  bool is_fixed(Axis axis);

  /// Numbers the channels in the order of their first positions.
  ChannelMap map();

 private:
  std::size_t id(Axis axis) const { return first_axis_[axis.tensor] + axis.axis; }
  std::size_t element(Axis axis, std::int64_t position) const;

  const Graph& graph_;
  std::vector<std::size_t> first_axis_;     // By tensor: the id of its axis 0.
  std::vector<std::int64_t> extents_;       // By axis id.
  std::vector<std::size_t> first_element_;  // By axis id.
  std::vector<std::size_t> ranks_, parents_;
  std::vector<bool> fixed_;  // By element; that of a set's representative counts.
  boost::disjoint_sets<std::size_t*, std::size_t*> sets_;
  std::set<Axis> summed_;
};

}  // namespace offcut::compress
