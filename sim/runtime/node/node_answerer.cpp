#include "sim/runtime/node/node_answerer.h"

namespace offcut::runtime {

NodeAnswerer::NodeAnswerer(Node& node, std::function<std::size_t()> choose_cut)
    : node_(node), choose_cut_(std::move(choose_cut)), spec_(node.spec()) {}

void NodeAnswerer::infer(std::map<std::string, Tensor> inputs,
                         std::function<void(CallResult)> done) {
  node_.transport().loop().post(
      [this, inputs = std::move(inputs), done = std::move(done)]() mutable {
        if (!node_.is_ready()) {  // It was stopped.
          CallResult result;
          result.status = CallResult::Status::unavailable;
          result.reason = "the node was stopped";
          done(std::move(result));
          return;
        }
        node_.call({.inputs = std::move(inputs), .cut = choose_cut_ ? choose_cut_() : 0},
                   [done = std::move(done)](CallEnd end) { done(std::move(end.result)); });
      });
}

}  // namespace offcut::runtime
