// `mean`: the server's state becomes the mean of the clients' states, each with the same weight.

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class UniformMean : public Aggregator {
 public:
  bool apply(std::span<const Update> updates, State& server) override {
    add_change(server, mean_change(updates, equal_weight));
    return true;
  }
};

}  // namespace

void register_mean(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "mean",
       .doc = "w += 1 / m * sum (w_i - w)",
       .citation = "McDonald, Hall, Mann, NAACL 2010",
       .parameters = {},
       .make = [](const Parameters&, const AggregatorSetting&) -> std::unique_ptr<Aggregator> {
         return std::make_unique<UniformMean>();
       }});
}

}  // namespace offcut::training
