// Runs the segments of a split network one after the other. A tier gets the tensors that earlier
// tiers made; a tensor that crosses encoded is replaced, for all later tiers, by the result of
// encoding and decoding it.

#include "sim/runtime/split_pass.h"

#include <algorithm>
#include <chrono>

#include "models/exec/memory_need.h"

namespace offcut::runtime {

SplitPass::SplitPass(const Graph& graph, const partition::Assignment& tier_of,
                     exec::MathEngine engine, const exec::PrepareOptions& options,
                     codec::WireCodecs codecs)
    : graph_(graph), engine_(engine), options_(options), codecs_(std::move(codecs)) {
  const std::size_t tiers =
      tier_of.empty() ? 0 : *std::max_element(tier_of.begin(), tier_of.end()) + 1;
  std::vector<std::vector<LayerId>> layers(tiers);
  for (LayerId id = 0; id < tier_of.size(); ++id) {
    layers[tier_of[id]].push_back(id);
  }
  for (std::vector<LayerId>& of_tier : layers) {
    segments_.push_back(exec::segment_of(graph, std::move(of_tier)));
  }
  prepared_.resize(tiers);
  times_.resize(tiers);
  if (!codecs_.empty()) {
    crossings_ =
        partition::crossings(graph, {.tiers = std::vector<std::string>(tiers), .tier_of = tier_of});
  }
}

void SplitPass::prepare() {
  if (!has_memory_) {
    exec::check_memory_need(graph_, segments_, engine_);
    has_memory_ = true;
  }
  for (std::size_t tier = 0; tier < segments_.size() && engine_ == exec::MathEngine::fast; ++tier) {
    if (!prepared_[tier]) {
      prepared_[tier] = offcut::exec::prepare(graph_, segments_[tier], options_);
    }
  }
}

void SplitPass::send_from(std::size_t tier, const exec::TensorMap& known,
                          exec::TensorMap& arrived) {
  for (const partition::CutTensor& crossing : crossings_) {
    const auto tensor = known.find(crossing.tensor);
    if (crossing.from == tier && tensor != known.end()) {  // The engines report missing inputs.
      sent_.push_back(codec::send_over_wire(graph_, crossing.tensor, tensor->second, codecs_));
      arrived[crossing.tensor] = sent_.back().arrived;
    }
  }
}

exec::TensorMap SplitPass::run_segment(std::size_t tier, exec::TensorMap enters) {
  return engine_ == exec::MathEngine::fast
             ? prepared_[tier]->run(std::move(enters))
             : offcut::exec::run(graph_, segments_[tier], std::move(enters));
}

exec::TensorMap SplitPass::run(const exec::TensorMap& inputs) {
  using Clock = std::chrono::steady_clock;
  prepare();
  exec::TensorMap known = inputs;
  exec::TensorMap arrived;  // The tensors that later tiers get instead.
  sent_.clear();
  for (std::size_t tier = 0; tier < segments_.size(); ++tier) {
    exec::TensorMap enters;
    for (const TensorId id : segments_[tier].enters) {
      const bool crossed = tier > 0 && arrived.contains(id);
      const exec::TensorMap& source = crossed ? arrived : known;
      if (const auto it = source.find(id); it != source.end()) {
        enters[id] = it->second;  // The engines report missing inputs.
      }
    }
    const auto start = Clock::now();
    known.merge(run_segment(tier, std::move(enters)));
    times_[tier] = Seconds(std::chrono::duration<double>(Clock::now() - start).count());
    send_from(tier, known, arrived);
  }
  exec::TensorMap outputs;
  for (const TensorId id : graph_.outputs()) {
    outputs[id] = known.at(id);
  }
  return outputs;
}

}  // namespace offcut::runtime
