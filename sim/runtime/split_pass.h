#pragma once

#include <optional>
#include <vector>

#include "models/codec/wire.h"
#include "models/exec/math_engine.h"
#include "models/exec/prepared.h"
#include "partition/placement.h"

namespace offcut::runtime {

/// One pass of real tensors through a graph whose layers are split over tiers: each tier's segment
/// is run by itself, and gets nothing but what crosses to it. What has a codec is really encoded
/// and decoded where it crosses, once for all who read it.
class SplitPass {
 public:
  /// With the fast engine, segments are made ready when they first run (so that a process may fork
  /// before). `options` are the fast engine's. REQUIRES: the graph outlives this; the assignment is
  /// monotone.
  SplitPass(const Graph& graph, const partition::Assignment& tier_of, exec::MathEngine engine,
            const exec::PrepareOptions& options = {}, codec::WireCodecs codecs = {});

  /// What the graph outputs. `inputs` must hold all its inputs (std::invalid_argument otherwise).
  exec::TensorMap run(const exec::TensorMap& inputs);

  /// Makes the segments ready that are not. run() does so too, but then it counts as its time.
  void prepare();

  /// Wall time of each tier in the last run.
  const std::vector<Seconds>& times() const { return times_; }

  /// What crossed between tiers in the last run, by sender, then by tensor. Empty without codecs.
  const std::vector<codec::SentTensor>& sent() const { return sent_; }

 private:
  void send_from(std::size_t tier, const exec::TensorMap& known, exec::TensorMap& arrived);
  exec::TensorMap run_segment(std::size_t tier, exec::TensorMap enters);

  const Graph& graph_;
  exec::MathEngine engine_;
  exec::PrepareOptions options_;
  std::vector<exec::Segment> segments_;                  // by tier
  std::vector<std::optional<exec::Prepared>> prepared_;  // by tier
  std::vector<Seconds> times_;                           // by tier
  codec::WireCodecs codecs_;
  std::vector<partition::CutTensor> crossings_;
  std::vector<codec::SentTensor> sent_;
};

}  // namespace offcut::runtime
