// `kalman` follows the logarithm of the rate, a random walk that transfers measure with noise
// (Kalman, "A new approach to linear filtering and prediction problems", 1960, for one variable).
// The walk's standard deviation grows with the square root of the time between transfers. Rates are
// positive and their changes relative, hence the logarithm.

#include <cmath>

#include "sim/adapt/estimator.h"

namespace offcut::adapt {
namespace {

class KalmanRate : public Estimator {
 public:
  KalmanRate(double drift, double noise) : drift_(drift * drift), noise_(noise * noise) {}

  void observe(const Transfer& transfer) override {
    const double measured = std::log(transfer.rate().si());
    if (!has_state_) {
      has_state_ = true;
      state_ = measured;
      variance_ = noise_;
    } else {
      variance_ += drift_ * (transfer.end - last_).si();
      const double gain = variance_ / (variance_ + noise_);
      state_ += gain * (measured - state_);
      variance_ *= 1 - gain;
    }
    last_ = transfer.end;
  }
  std::optional<BytesPerSecond> rate() const override {
    return has_state_ ? std::optional(BytesPerSecond(std::exp(state_))) : std::nullopt;
  }

 private:
  double drift_;  // Variance per second.
  double noise_;  // Variance of a measurement.
  bool has_state_ = false;
  double state_ = 0;
  double variance_ = 0;
  Seconds last_;
};

}  // namespace

void register_kalman(Registry<EstimatorKind>& registry) {
  registry.add(
      {.name = "kalman",
       .doc = "a Kalman filter of the logarithm of the rate",
       .citation = "Kalman, J. Basic Engineering 82(1), 1960",
       .parameters = {{.name = "drift",
                       .fallback = 0.2,
                       .least = 1e-6,
                       .most = 100,
                       .doc = "the relative change of the rate in a second, a standard deviation"},
                      {.name = "noise",
                       .fallback = 0.2,
                       .least = 1e-6,
                       .most = 100,
                       .doc = "the relative error of a transfer's rate, a standard deviation"}},
       .make = [](const Parameters& parameters) -> std::unique_ptr<Estimator> {
         return std::make_unique<KalmanRate>(parameters.at("drift"), parameters.at("noise"));
       }});
}

}  // namespace offcut::adapt
