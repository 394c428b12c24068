#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../sim/engine/recorded.h"
#include "partition/algorithm.h"

namespace offcut::theory_tests {

inline double error_of(const engine::RequestRecord& request, const partition::Plan& plan) {
  const double expected = plan.cost.latency().si();
  return std::abs(request.latency().si() - expected) / std::max(1.0, expected);
}

/// Returns the worst error over all requests, and checks their times against the plan's.
inline double worst_error(const engine::Recorded& recorded, const partition::Plan& plan) {
  if (plan.deployment) {  // Requests differ, or several devices work on them: deployments_test.cpp.
    return 0;
  }
  double worst = 0;
  const partition::Cost& cost = plan.cost;
  Seconds later;
  for (std::size_t tier = 1; tier < cost.compute.size(); ++tier) {
    later += cost.compute[tier];
  }
  for (const engine::RequestRecord& r : recorded.requests) {
    worst = std::max(worst, error_of(r, plan));
    CHECK(r.completed());
    // Otherwise the load was not near zero. Waits under processor sharing have rounding errors.
    CHECK(r.device_wait.si() <= 1e-12 * r.completion.si());
    CHECK(r.upload_wait == Seconds(0));
    CHECK(r.server_wait.si() <= 1e-12 * r.completion.si());
    CHECK(r.lost == Seconds(0));
    CHECK(r.device_compute.si() == doctest::Approx(cost.compute.front().si()).epsilon(1e-12));
    CHECK(r.server_compute.si() == doctest::Approx(later.si()).epsilon(1e-12));
    CHECK((r.upload + r.download).si() ==
          doctest::Approx(cost.transmission_total().si()).epsilon(1e-9));
  }
  return worst;
}

}  // namespace offcut::theory_tests
