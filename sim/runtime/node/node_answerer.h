#pragma once

#include <functional>
#include <memory>

#include "sim/runtime/node/node.h"
#include "sim/runtime/service/answerer.h"

namespace offcut::runtime {

/// The calls of a service, answered by a node: the whole network on this machine, or its parts
/// here and on later tiers. The node must outlive it, and REQUIRES: it is ready.
class NodeAnswerer final : public Answerer {
 public:
  /// `choose_cut` is called on the loop's thread for each call. Empty: all calls follow cut 0.
  explicit NodeAnswerer(Node& node, std::function<std::size_t()> choose_cut = {});

  const ModelSpec& spec() const override { return spec_; }
  bool is_ready() const override { return node_.can_answer(); }
  void infer(std::map<std::string, Tensor> inputs, std::function<void(CallResult)> done) override;

 private:
  Node& node_;
  std::function<std::size_t()> choose_cut_;
  ModelSpec spec_;
};

}  // namespace offcut::runtime
