// `harmonic` is the harmonic mean of the rates of the last transfers, which a single fast transfer
// hardly moves (Jiang, Sekar, Zhang, "Improving fairness, efficiency, and stability in HTTP-based
// adaptive video streaming with FESTIVE", CoNEXT 2012). It is the mean of the seconds
// per byte, and latencies are linear in these.

#include "sim/adapt/recent_rates.h"

namespace offcut::adapt {
namespace {

class HarmonicRate : public Estimator {
 public:
  explicit HarmonicRate(std::size_t transfers) : recent_(transfers) {}

  void observe(const Transfer& transfer) override { recent_.add(transfer); }
  std::optional<BytesPerSecond> rate() const override {
    const auto& rates = recent_.all();
    double inverses = 0;
    for (const double rate : rates) {
      inverses += 1 / rate;
    }
    return rates.empty()
               ? std::nullopt
               : std::optional(BytesPerSecond(static_cast<double>(rates.size()) / inverses));
  }

 private:
  RecentRates recent_;
};

}  // namespace

void register_harmonic(Registry<EstimatorKind>& registry) {
  registry.add({.name = "harmonic",
                .doc = "the harmonic mean of the rates of the last transfers",
                .citation = "Jiang et al., FESTIVE, CoNEXT 2012",
                .parameters = {transfers_parameter()},
                .make = [](const Parameters& parameters) -> std::unique_ptr<Estimator> {
                  return std::make_unique<HarmonicRate>(
                      static_cast<std::size_t>(parameters.at("transfers")));
                }});
}

}  // namespace offcut::adapt
