#pragma once

#include <optional>
#include <vector>

#include "models/codec/wire.h"
#include "models/exec/math_engine.h"
#include "models/exec/prepared.h"
#include "partition/placement.h"

namespace offcut {

/// One pass of real tensors through a graph whose layers are split over tiers: each tier's segment
/// is run by itself, and gets nothing but what crosses to it. What has a codec is really encoded
/// and decoded where it crosses, once for all who read it.
class SplitPass {
 public:
  /// With the fast engine, segments are made ready when they first run (so that a process may fork
  /// before). `options` are the fast engine's. REQUIRES: the graph outlives this; the assignment is
  /// monotone.
  SplitPass(const Graph& graph, const Assignment& tier_of, MathEngine engine,
            const PrepareOptions& options = {}, WireCodecs codecs = {});

  /// What the graph outputs. `inputs` must hold all its inputs (std::invalid_argument otherwise).
  TensorMap run(const TensorMap& inputs);

  /// Makes the segments ready that are not. run() does so too, but then it counts as its time.
  void prepare();

  /// Wall time of each tier in the last run.
  const std::vector<Seconds>& times() const { return times_; }

  /// What crossed between tiers in the last run, by sender, then by tensor. Empty without codecs.
  const std::vector<SentTensor>& sent() const { return sent_; }

 private:
  void send_from(std::size_t tier, const TensorMap& known, TensorMap& arrived);
  TensorMap run_segment(std::size_t tier, TensorMap enters);

  const Graph& graph_;
  MathEngine engine_;
  PrepareOptions options_;
  std::vector<Segment> segments_;                  // by tier
  std::vector<std::optional<Prepared>> prepared_;  // by tier
  std::vector<Seconds> times_;                     // by tier
  WireCodecs codecs_;
  std::vector<CutTensor> crossings_;
  std::vector<SentTensor> sent_;
};

}  // namespace offcut
