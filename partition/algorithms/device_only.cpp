// `device-only` runs every layer on the device, next to the data. O(n).

#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

std::variant<Assignment, Declined> solve_device_only(const Problem& problem, const Parameters&) {
  return Assignment(problem.layer_count(), 0);  // The device is tier 0 under any name.
}

}  // namespace

void register_device_only(Registry<Algorithm>& registry) {
  registry.add({.name = "device-only",
                .doc = "every layer on the device",
                .citation = "baseline",
                .growth = {"layers"},
                .solve = solve_device_only,
                .baseline = Baseline::first_tier});
}

}  // namespace offcut::partition
