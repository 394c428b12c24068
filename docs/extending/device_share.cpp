// `device-share` keeps a given share of the layers, the first ones, on the device; the rest run on
// the last tier. O(n).

#include <algorithm>

#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

Answer solve_device_share(const Problem& problem, const Parameters& parameters) {
  if (problem.tier_count() < 2) {
    return Declined{"there is no tier beside the device"};
  }
  const double share = parameters.at("share");
  const auto stay = static_cast<std::size_t>(share * double(problem.layer_count()));
  Assignment tier_of(problem.layer_count(), problem.tier_count() - 1);
  std::fill_n(tier_of.begin(), stay, 0);
  return tier_of;
}

}  // namespace

void register_device_share(Registry<Algorithm>& registry) {
  registry.add({.name = "device-share",
                .doc = "the first layers on the device, the rest on the last tier",
                .citation = "baseline",
                .parameters = {{.name = "share",
                                .fallback = 0.5,
                                .most = 1,
                                .doc = "share of the layers that stay on the device"}},
                .solve = solve_device_share});
}

}  // namespace offcut::partition
