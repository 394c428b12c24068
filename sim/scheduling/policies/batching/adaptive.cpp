// `adaptive` is Clipper's adaptive batching by additive increase, multiplicative decrease
// (Crankshaw et al., NSDI 2017, section 4.3.1). A free server takes the waiting requests, up to a
// limit that starts at 1; the limit grows by `step` until a batch takes longer than the objective,
// and then shrinks by 10 %. It grows only after a batch of that size: the time of a smaller one
// says nothing about it.

#include <algorithm>

#include "sim/scheduling/batching.h"

namespace offcut::scheduling {
namespace {

constexpr double kBackOff = 0.9;

std::size_t most_of_adaptive(const Parameters& p) { return static_cast<std::size_t>(p.at("max")); }

class Adaptive : public Batching {
 public:
  Adaptive(Seconds objective, double step, std::size_t most)
      : objective_(objective), step_(step), most_(static_cast<double>(most)) {}

  BatchDecision decide(std::size_t waiting, Seconds, Seconds) override {
    return {.take = std::min(waiting, limit())};
  }
  void finished(std::size_t size, Seconds took) override {
    if (took > objective_) {
      limit_ = std::max(1.0, kBackOff * limit_);
    } else if (size >= limit()) {
      limit_ = std::min(most_, limit_ + step_);
    }
  }

 private:
  std::size_t limit() const { return static_cast<std::size_t>(limit_); }

  Seconds objective_;
  double step_;
  double most_;
  double limit_ = 1;
};

}  // namespace

void register_adaptive(Registry<BatchingKind>& registry) {
  registry.add({.name = "adaptive",
                .doc = "as large as a latency objective allows (Clipper's AIMD)",
                .parameters = {{.name = "objective",
                                .dimension = Dimension::time,
                                .least = 1e-9,
                                .most = 1e9,
                                .doc = "longest time that a batch may take"},
                               {.name = "step",
                                .fallback = 1,
                                .least = 0.01,
                                .most = 1024,
                                .doc = "growth of the batch size"},
                               {.name = "max",
                                .is_whole = true,
                                .least = 1,
                                .most = 1024,
                                .doc = "largest batch, in requests"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Batching> {
                  return std::make_unique<Adaptive>(Seconds(p.at("objective")), p.at("step"),
                                                    most_of_adaptive(p));
                },
                .most = most_of_adaptive,
                .objective = [](const Parameters& p) { return Seconds(p.at("objective")); },
                .tries = {{"objective", {2, 4}, true}, {"max", {32}}}});
}

}  // namespace offcut::scheduling
