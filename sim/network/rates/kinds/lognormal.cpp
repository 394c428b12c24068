// `lognormal` has bandwidths whose logarithm is a first-order autoregressive process, AR(1), in
// steps of one length: x' = rho x + sqrt(1 - rho^2) n, with standard normal n, starts in its
// stationary distribution, and the bandwidth is exp(sigma x - sigma^2 / 2) times the link's, which
// is its mean. Its coefficient of variation is sqrt(exp(sigma^2) - 1), and the correlation of the
// logarithms of two times that are t apart is exp(-t / correlation).

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "sim/network/rates/random_rates.h"

namespace offcut::network {
namespace {

class Autoregression final : public RateProcess {
 public:
  Autoregression(double cv, double correlation, double step)
      : sigma_(std::sqrt(std::log1p(cv * cv))), rho_(std::exp(-step / correlation)), step_(step) {}

  State first(RandomStream& stream) const override { return {.value = normal(stream)}; }
  Step next(State& state, RandomStream& stream) const override {
    const double factor = of(state.value);
    state.value = std::clamp(rho_ * state.value + std::sqrt(1 - rho_ * rho_) * normal(stream),
                             -kFarthest, kFarthest);
    return {step_, factor};
  }
  double least() const override { return of(-kFarthest); }
  double most() const override { return of(kFarthest); }

 private:
  /// So many standard deviations come up once in 1e15 steps.
  static constexpr double kFarthest = 8;

  static double normal(RandomStream& stream) {
    return std::clamp(boost::random::normal_distribution<double>()(stream), -kFarthest, kFarthest);
  }
  double of(double value) const { return std::exp(sigma_ * value - sigma_ * sigma_ / 2); }

  double sigma_, rho_, step_;
};

}  // namespace

void register_lognormal(Registry<RateKind>& registry) {
  registry.add(
      {.name = "lognormal",
       .doc = "lognormal bandwidths, autocorrelated over time: AR(1)",
       .parameters = {{.name = "cv",
                       .fallback = 0.5,
                       .most = 5,
                       .doc = "coefficient of variation: standard deviation / mean"},
                      {.name = "correlation",
                       .dimension = Dimension::time,
                       .fallback = 10,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "time over which the correlation of the logarithms falls by a "
                              "factor of e"},
                      {.name = "step",
                       .dimension = Dimension::time,
                       .fallback = 1,
                       .least = 1e-3,
                       .most = 1e9,
                       .doc = "time for which a bandwidth holds"}},
       .make = [](const Parameters& p) -> std::unique_ptr<const RateModel> {
         return std::make_unique<RandomRates>(
             std::make_shared<Autoregression>(p.at("cv"), p.at("correlation"), p.at("step")));
       }});
}

}  // namespace offcut::network
