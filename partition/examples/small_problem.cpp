// An example of the partition library by itself, without ONNX, YAML or SimGrid: the best cut of a
// network of three layers, the cost of the next best plan, and the bandwidths at which the best
// plan changes. Link it with offcut::partition.
//
// By hand: all layers on the device take 10 + 1 + 100 = 111 ms. A cut after pool takes 11 ms, 5 +
// 30 ms for 30 kB up, 5 ms for dense, and 5.04 ms for 40 B down, together 56.04 ms. All layers in
// the cloud take 155 + 6 + 5.04 = 166.04 ms. At b bytes/s, the cut takes 26.04 ms + 30 kB / b. This
// is equal to the device's 111 ms at 353107 B/s, and to the cloud's 16.04 ms + 150 kB / b at 12
// MB/s.

#include <fmt/format.h>

#include <iostream>

#include "partition/studies/next_best.h"
#include "partition/studies/sensitivity.h"

namespace {

using namespace offcut;

partition::Problem three_layers() {
  return {{.tiers = {"device", "cloud"},
           .layers = {"conv", "pool", "dense"},
           .seconds = {{Seconds(0.010), Seconds(0.001), Seconds(0.100)},
                       {Seconds(0.001), Seconds(0), Seconds(0.005)}},
           .tensors = {{"image", {}, {0}, Bytes(150e3)},
                       {"features", 0, {1}, Bytes(1e6)},
                       {"pooled", 1, {2}, Bytes(30e3)},
                       {"labels", 2, {}, Bytes(40), true}},
           .hops = {{BytesPerSecond(1e6), BytesPerSecond(1e6), Seconds(0.005)}}}};
}

std::string text_of(const partition::Problem& problem, const partition::Assignment& tier_of) {
  std::string text;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    text += fmt::format("{}{} on {}", layer == 0 ? "" : ", ", problem.layers[layer],
                        problem.tiers[tier_of[layer]]);
  }
  return text;
}

}  // namespace

int main() {
  Registry<partition::Algorithm> algorithms;
  partition::register_algorithms(algorithms);
  const partition::Problem problem = three_layers();
  problem.check();

  const partition::Solver solver = [&](const partition::Problem& one) {
    return partition::optimum(algorithms, one);
  };
  const partition::Plan best = std::get<partition::Plan>(solver(problem));
  const partition::Plan next =
      std::get<partition::NextBest>(partition::next_best(problem, best.tier_of, solver)).plan;
  std::cout << fmt::format("best: {}, {:.2f} ms\n", text_of(problem, best.tier_of),
                           best.cost.latency().si() * 1e3);
  std::cout << fmt::format("next: {}, {:.2f} ms\n", text_of(problem, next.tier_of),
                           next.cost.latency().si() * 1e3);

  const partition::Variation upload{
      .what = partition::Variation::What::up, .where = {0}, .from = 1e4, .to = 1e8};
  const auto answer = partition::sensitivity(problem, upload, solver);
  for (const partition::Stretch& stretch : std::get<std::vector<partition::Stretch>>(answer)) {
    std::cout << fmt::format("up to {:.0f} B/s: {}\n", stretch.to,
                             text_of(problem, stretch.tier_of));
  }
}
