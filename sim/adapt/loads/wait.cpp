// `wait` is the moving average of the waits in the servers' queues, which answers report. Planners
// add it to the time of each plan that uses a server.

#include <optional>

#include "sim/adapt/load_estimator.h"

namespace offcut::adapt {
namespace {

class ServerWait : public LoadEstimator {
 public:
  explicit ServerWait(double weight) : weight_(weight) {}

  void observe(const Answer& answer) override {
    wait_ = wait_ ? *wait_ + (answer.server_wait - *wait_) * weight_ : answer.server_wait;
  }
  Load load() const override { return {.factor = 1, .wait = wait_.value_or(Seconds(0))}; }

 private:
  double weight_;
  std::optional<Seconds> wait_;
};

}  // namespace

void register_wait(Registry<LoadEstimatorKind>& registry) {
  registry.add({.name = "wait",
                .doc = "the mean wait in the servers' queues",
                .citation = "baseline",
                .parameters = {answer_weight_parameter()},
                .make = [](const Parameters& parameters) -> std::unique_ptr<LoadEstimator> {
                  return std::make_unique<ServerWait>(parameters.at("weight"));
                }});
}

}  // namespace offcut::adapt
