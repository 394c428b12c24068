// `fedavgm`: the mean change of a round is a gradient with momentum for the server.

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class ServerMomentum : public Aggregator {
 public:
  ServerMomentum(double rate, double momentum, std::size_t weights)
      : rate_(rate), momentum_(momentum), velocity_(weights, 0) {}

  bool apply(std::span<const Update> updates, State& server) override {
    std::vector<double> change = mean_change(updates, samples_weight);
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      velocity_[i] = momentum_ * velocity_[i] + change[i];
    }
    add_change(server, velocity_, rate_, 0, velocity_.size());
    add_change(server, change, 1, velocity_.size(), server.size());  // Running statistics.
    return true;
  }

 private:
  double rate_, momentum_;
  std::vector<double> velocity_;
};

}  // namespace

void register_fedavgm(Registry<AggregatorKind>& registry) {
  registry.add({.name = "fedavgm",
                .doc = "v = momentum * v + mean change by samples; w += server-rate * v",
                .citation = "Hsu, Qi, Brown, arXiv 1909.06335, 2019, section 4.3",
                .parameters = {{.name = "server-rate",
                                .fallback = 1,
                                .most = 1e6,
                                .doc = "learning rate of the server"},
                               {.name = "momentum",
                                .fallback = 0.9,
                                .most = 0.999999,
                                .doc = "share of the velocity that stays from round to round"}},
                .make = [](const Parameters& parameters,
                           const AggregatorSetting& setting) -> std::unique_ptr<Aggregator> {
                  return std::make_unique<ServerMomentum>(parameters.at("server-rate"),
                                                          parameters.at("momentum"),
                                                          setting.layout.weights());
                }});
}

}  // namespace offcut::training
