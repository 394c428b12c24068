// `fedprox`: the clients' loss has the term (mu / 2) |w - w_server|^2, which keeps their states
// near the server's when their data differ or their work is partial. The server averages by
// samples.

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class ProximalAveraging : public Aggregator {
 public:
  explicit ProximalAveraging(double mu) : mu_(mu) {}

  void prepare(std::size_t, LocalWork& work) override { work.proximity = mu_; }
  bool apply(std::span<const Update> updates, State& server) override {
    add_change(server, mean_change(updates, samples_weight));
    return true;
  }

 private:
  double mu_;
};

}  // namespace

void register_fedprox(Registry<AggregatorKind>& registry) {
  registry.add({.name = "fedprox",
                .doc = "fedavg with the clients' loss plus (mu / 2) |w - w_server|^2",
                .citation = "Li et al., MLSys 2020, algorithm 2",
                .parameters = {{.name = "mu",
                                .fallback = 0.01,
                                .most = 1e6,
                                .doc = "weight of the proximal term; 0 gives fedavg"}},
                .make = [](const Parameters& parameters,
                           const AggregatorSetting&) -> std::unique_ptr<Aggregator> {
                  return std::make_unique<ProximalAveraging>(parameters.at("mu"));
                }});
}

}  // namespace offcut::training
