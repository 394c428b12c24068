#pragma once

#include <optional>
#include <vector>

#include "models/codec/wire.h"
#include "models/exec/math_engine.h"
#include "models/exec/prepared.h"
#include "partition/placement.h"

namespace offcut::runtime {

/// One pass of real tensors through a graph whose layers are split over tiers. The segment of each
/// tier runs by itself on the tensors that cross to it. A tensor that has a codec is really encoded
/// and decoded, once for all of its readers.
class SplitPass {
 public:
  /// The fast engine prepares a segment when it first runs, so that a process may fork before that.
  /// `options` apply to the fast engine. REQUIRES: the graph outlives this; the assignment is
  /// monotone.
  SplitPass(const Graph& graph, const partition::Assignment& tier_of, exec::MathEngine engine,
            const exec::PrepareOptions& options = {}, codec::WireCodecs codecs = {});

  /// Returns the outputs of the graph. Throws std::invalid_argument if an input is missing, and
  /// MemoryError as prepare() does.
  exec::TensorMap run(const exec::TensorMap& inputs);

  /// Prepares the segments that are not prepared yet, so that the first run() need not. Throws
  /// MemoryError if a pass certainly needs more than the memory limit, and the errors of
  /// exec::prepare().
  void prepare();

  /// The wall time of each tier in the last run.
  const std::vector<Seconds>& times() const { return times_; }

  /// The tensors that crossed between tiers in the last run, by sender, then by tensor. Empty
  /// without codecs.
  const std::vector<codec::SentTensor>& sent() const { return sent_; }

 private:
  void send_from(std::size_t tier, const exec::TensorMap& known, exec::TensorMap& arrived);
  exec::TensorMap run_segment(std::size_t tier, exec::TensorMap enters);

  const Graph& graph_;
  exec::MathEngine engine_;
  exec::PrepareOptions options_;
  bool has_memory_ = false;              // Whether the memory limit was found to suffice.
  std::vector<exec::Segment> segments_;  // By tier.
  std::vector<std::optional<exec::Prepared>> prepared_;  // By tier.
  std::vector<Seconds> times_;                           // By tier.
  codec::WireCodecs codecs_;
  std::vector<partition::CutTensor> crossings_;
  std::vector<codec::SentTensor> sent_;
};

}  // namespace offcut::runtime
