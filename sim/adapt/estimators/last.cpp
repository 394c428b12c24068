// `last` takes the rate of the last transfer for that of the next one.

#include "sim/adapt/estimator.h"

namespace offcut::adapt {
namespace {

class LastRate : public Estimator {
 public:
  void observe(const Transfer& transfer) override { rate_ = transfer.rate(); }
  std::optional<BytesPerSecond> rate() const override { return rate_; }

 private:
  std::optional<BytesPerSecond> rate_;
};

}  // namespace

void register_last(Registry<EstimatorKind>& registry) {
  registry.add({.name = "last",
                .doc = "the rate of the last transfer",
                .citation = "baseline",
                .make = [](const Parameters&) -> std::unique_ptr<Estimator> {
                  return std::make_unique<LastRate>();
                }});
}

}  // namespace offcut::adapt
