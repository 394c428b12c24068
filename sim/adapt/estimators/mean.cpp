// `mean` is the arithmetic mean of the rates of the last transfers, each of which counts alike,
// however long it took.

#include <numeric>

#include "sim/adapt/recent_rates.h"

namespace offcut::adapt {
namespace {

class MeanRate : public Estimator {
 public:
  explicit MeanRate(std::size_t transfers) : recent_(transfers) {}

  void observe(const Transfer& transfer) override { recent_.add(transfer); }
  std::optional<BytesPerSecond> rate() const override {
    const auto& rates = recent_.all();
    return rates.empty()
               ? std::nullopt
               : std::optional(BytesPerSecond(std::accumulate(rates.begin(), rates.end(), 0.0) /
                                              static_cast<double>(rates.size())));
  }

 private:
  RecentRates recent_;
};

}  // namespace

void register_mean(Registry<EstimatorKind>& registry) {
  registry.add({.name = "mean",
                .doc = "the arithmetic mean of the rates of the last transfers",
                .citation = "baseline",
                .parameters = {transfers_parameter()},
                .make = [](const Parameters& parameters) -> std::unique_ptr<Estimator> {
                  return std::make_unique<MeanRate>(
                      static_cast<std::size_t>(parameters.at("transfers")));
                }});
}

}  // namespace offcut::adapt
