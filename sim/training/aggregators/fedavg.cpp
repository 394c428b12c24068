// `fedavg`: the server's state becomes the mean of the clients' states, weighted by their samples.

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class FederatedAveraging : public Aggregator {
 public:
  bool apply(std::span<const Update> updates, State& server) override {
    add_change(server, mean_change(updates, samples_weight));
    return true;
  }
};

}  // namespace

void register_fedavg(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "fedavg",
       .doc = "w += sum n_i (w_i - w) / sum n_i, with n_i samples of a client",
       .citation = "McMahan et al., AISTATS 2017, algorithm 1",
       .parameters = {},
       .make = [](const Parameters&, const AggregatorSetting&) -> std::unique_ptr<Aggregator> {
         return std::make_unique<FederatedAveraging>();
       }});
}

}  // namespace offcut::training
