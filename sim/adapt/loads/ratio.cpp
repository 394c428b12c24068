// `ratio` is Neurosurgeon's load factor K: the time that the servers took for a request, waits
// included, divided by the time that the plan counts with (Kang et al., "Neurosurgeon:
// collaborative intelligence between the cloud and mobile edge", ASPLOS 2017), as a
// moving average over answers. Without an answer, it is 1.

#include <optional>

#include "sim/adapt/load_estimator.h"

namespace offcut::adapt {
namespace {

class LoadRatio : public LoadEstimator {
 public:
  explicit LoadRatio(double weight) : weight_(weight) {}

  void observe(const Answer& answer) override {
    const double ratio = (answer.server_wait + answer.server_compute).si() / answer.planned.si();
    ratio_ = ratio_ ? *ratio_ + weight_ * (ratio - *ratio_) : ratio;
  }
  Load load() const override { return {.factor = ratio_.value_or(1), .wait = {}}; }

 private:
  double weight_;
  std::optional<double> ratio_;
};

}  // namespace

void register_ratio(Registry<LoadEstimatorKind>& registry) {
  registry.add({.name = "ratio",
                .doc = "Neurosurgeon's K: the servers' time, waits included, over the planned one",
                .citation = "Kang et al., Neurosurgeon, ASPLOS 2017",
                .parameters = {answer_weight_parameter()},
                .make = [](const Parameters& parameters) -> std::unique_ptr<LoadEstimator> {
                  return std::make_unique<LoadRatio>(parameters.at("weight"));
                }});
}

}  // namespace offcut::adapt
