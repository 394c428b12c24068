// Finds the best cut of a network of three layers that is defined here alone: no ONNX, no YAML, no
// SimGrid.

#include <partition/algorithm.h>
#include <sim/scenario/scenario.h>

#include <iostream>

int main() {
  using namespace offcut;
  const partition::Problem problem{
      {.tiers = {"device", "cloud"},
       .layers = {"conv", "pool", "dense"},
       .seconds = {{Seconds(0.010), Seconds(0.001), Seconds(0.100)},
                   {Seconds(0.001), Seconds(0), Seconds(0.005)}},
       .tensors = {{"image", {}, {0}, Bytes(150'000)},
                   {"features", 0, {1}, Bytes(1'000'000)},
                   {"pooled", 1, {2}, Bytes(30'000)},
                   {"labels", 2, {}, Bytes(40), true}},
       .hops = {{BytesPerSecond(1e6), BytesPerSecond(1e6), Seconds(0.005)}}}};
  const scenario::Registries registries;
  const partition::Outcome outcome =
      partition::solve(*registries.algorithms.find("neurosurgeon"), problem, {});
  const partition::Plan& plan = std::get<partition::Plan>(outcome);
  for (std::size_t i = 0; i < problem.layer_count(); ++i) {
    std::cout << problem.layers[i] << ": " << problem.tiers[plan.tier_of[i]] << "\n";
  }
  // The plan takes 56.04 ms: conv and pool 11 ms, 30 kB up 35 ms, dense 5 ms, labels down 5.04 ms.
  // cloud-only takes 166.04 ms, device-only 111 ms.
  std::cout << to_readable(plan.cost.latency()) << "\n";
}
