// One event at a time is scheduled for each link: its next change. SimGrid shares the new bandwidth
// among the flows under way, which keep what they have sent.

#include "sim/engine/links/platform_rates.h"

#include <limits>
#include <simgrid/s4u.hpp>

namespace offcut::engine {

void PlatformRates::start() {
  for (std::uint32_t number = 0; number < links_.size(); ++number) {
    expect(number, 0);
  }
}

void PlatformRates::expect(std::uint32_t number, double now) {
  const double next = links_[number].rate.next_change(now);
  if (next < std::numeric_limits<double>::infinity()) {
    events_.schedule_in_background(next, *this, 0, number);
  }
}

void PlatformRates::handle(std::uint32_t /*kind*/, std::uint32_t number, void* /*subject*/) {
  links_[number].link->set_bandwidth(links_[number].rate.at(events_.now()));
  expect(number, events_.now());
}

}  // namespace offcut::engine
