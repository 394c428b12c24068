// `ewma` is the exponentially weighted moving average of the rates of transfers, which begins with
// the first one: estimate += weight * (rate - estimate).

#include "sim/adapt/estimator.h"

namespace offcut::adapt {
namespace {

class EwmaRate : public Estimator {
 public:
  explicit EwmaRate(double weight) : weight_(weight) {}

  void observe(const Transfer& transfer) override {
    const BytesPerSecond rate = transfer.rate();
    rate_ = rate_ ? *rate_ + (rate - *rate_) * weight_ : rate;
  }
  std::optional<BytesPerSecond> rate() const override { return rate_; }

 private:
  double weight_;
  std::optional<BytesPerSecond> rate_;
};

}  // namespace

void register_ewma(Registry<EstimatorKind>& registry) {
  registry.add({.name = "ewma",
                .doc = "the exponentially weighted moving average of the rates of transfers",
                .citation = "Roberts, Technometrics 1(3), 1959",
                .parameters = {{.name = "weight",
                                .fallback = 0.25,
                                .least = 0.001,
                                .most = 1,
                                .doc = "the weight of the newest transfer"}},
                .make = [](const Parameters& parameters) -> std::unique_ptr<Estimator> {
                  return std::make_unique<EwmaRate>(parameters.at("weight"));
                }});
}

}  // namespace offcut::adapt
