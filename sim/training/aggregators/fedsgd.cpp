// `fedsgd`: each client takes one step with all of its samples, so the mean of the changes is the
// step of gradient descent on the samples of all.

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class FederatedDescent : public Aggregator {
 public:
  bool apply(std::span<const Update> updates, State& server) override {
    add_change(server, mean_change(updates, samples_weight));
    return true;
  }
};

}  // namespace

void register_fedsgd(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "fedsgd",
       .doc = "fedavg after one full-batch step of each client: w -= rate * sum n_i g_i / sum n_i",
       .citation = "McMahan et al., AISTATS 2017, section 2",
       .parameters = {},
       .single_step = true,
       .make = [](const Parameters&, const AggregatorSetting&) -> std::unique_ptr<Aggregator> {
         return std::make_unique<FederatedDescent>();
       }});
}

}  // namespace offcut::training
