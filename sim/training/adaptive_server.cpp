// The adaptive servers of Reddi et al. Moments are kept in float64, for weights alone.

#include "sim/training/adaptive_server.h"

#include <cmath>

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class AdaptiveServer : public Aggregator {
 public:
  AdaptiveServer(const Parameters& parameters, std::size_t weights, SecondMoment second)
      : rate_(parameters.at("server-rate")),
        beta1_(parameters.at("beta1")),
        beta2_(parameters.at("beta2")),
        tau_(parameters.at("tau")),
        second_(second),
        first_moment_(weights, 0),
        second_moment_(weights, tau_ * tau_) {}

  bool apply(std::span<const Update> updates, State& server) override {
    std::vector<double> step = mean_change(updates, samples_weight);
    for (std::size_t i = 0; i < first_moment_.size(); ++i) {
      double& m = first_moment_[i];
      double& v = second_moment_[i];
      m = beta1_ * m + (1 - beta1_) * step[i];
      v = second_(v, step[i] * step[i], beta2_);
      step[i] = rate_ * m / (std::sqrt(v) + tau_);
    }
    add_change(server, step);
    return true;
  }

 private:
  double rate_, beta1_, beta2_, tau_;
  SecondMoment second_;
  std::vector<double> first_moment_, second_moment_;
};

}  // namespace

std::unique_ptr<Aggregator> adaptive_server(const Parameters& parameters,
                                            const AggregatorSetting& setting, SecondMoment second) {
  return std::make_unique<AdaptiveServer>(parameters, setting.layout.weights(), second);
}

std::vector<ParameterSpec> adaptive_parameters() {
  return {
      {.name = "server-rate", .fallback = 0.01, .most = 1e6, .doc = "learning rate of the server"},
      {.name = "beta1",
       .fallback = 0.9,
       .most = 0.999999,
       .doc = "share of the mean change that stays from round to round"},
      {.name = "beta2",
       .fallback = 0.99,
       .most = 0.999999,
       .doc = "share of the mean square that stays from round to round"},
      {.name = "tau",
       .fallback = 0.001,
       .least = 1e-12,
       .most = 1e6,
       .doc = "added to the root of the mean square, which starts at its square"}};
}

}  // namespace offcut::training
